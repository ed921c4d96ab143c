"""The contents of the file store for platform admins, without original names and contents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_appbuilder import Model
from sqlalchemy import select

from app.extensions import db
from app.gateways.storage import storage
from models.attachment import Attachment, stored_name_of
from models.member import Member

_HEXED = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class StoredFile:
    key: str
    size: int
    changed_at: datetime
    has_row: bool


@dataclass(frozen=True)
class StoreTotal:
    number: int
    size: int


def list_stored(most: int, *, skip: int) -> tuple[Sequence[StoredFile], StoreTotal]:
    """(a page of the store, newest first; the total)."""
    entries = sorted(storage().entries(), key=lambda entry: entry.changed_at, reverse=True)
    total = StoreTotal(len(entries), sum(entry.size for entry in entries))
    page = entries[skip : skip + most]
    named = named_by_rows([entry.name for entry in page])
    return [StoredFile(e.name, e.size, e.changed_at, e.name in named) for e in page], total


def named_by_rows(names: Sequence[str]) -> set[str]:
    """Those of *names* that a row of any organisation refers to, deleted or not."""
    uuids = [UUID(hexed) for name in names if _HEXED.fullmatch(hexed := name.rpartition("/")[2])]
    # Reads file names only, of all organisations.
    everywhere = {"unscoped": True, "with_deleted": True}
    found: set[str | None] = set()
    for column in naming_columns():
        found |= set(
            db.session.scalars(select(column).where(column.in_(names)), execution_options=everywhere)
        )
    attached = select(Attachment.uuid).where(Attachment.uuid.in_(uuids))
    found |= {stored_name_of(key) for key in db.session.scalars(attached, execution_options=everywhere)}
    return {name for name in found if name}


def naming_columns() -> Sequence[Any]:
    """The columns with file names: `stored_name` of all tables, and the members' photos."""
    found = [
        m.attrs["stored_name"].class_attribute for m in Model.registry.mappers if "stored_name" in m.columns
    ]
    return [*found, Member.photo]
