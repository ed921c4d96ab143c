"""What lies in the store, for whoever runs the platform: no names that people gave, no contents."""

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
    """A page of the store, the newest first, and how much there is at all."""
    entries = sorted(storage().entries(), key=lambda entry: entry.changed_at, reverse=True)
    total = StoreTotal(len(entries), sum(entry.size for entry in entries))
    page = entries[skip : skip + most]
    named = named_by_rows([entry.name for entry in page])
    return [StoredFile(e.name, e.size, e.changed_at, e.name in named) for e in page], total


def named_by_rows(names: Sequence[str]) -> set[str]:
    """Which of the store's *names* a row of whatever organisation holds, deleted or not."""
    uuids = [UUID(hexed) for name in names if _HEXED.fullmatch(hexed := name.rpartition("/")[2])]
    # Whether there is a row, and nothing of it.
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
    """The columns that hold names of the store: `stored_name` in whichever table, and the members' photos."""
    found = [
        m.attrs["stored_name"].class_attribute for m in Model.registry.mappers if "stored_name" in m.columns
    ]
    return [*found, Member.photo]
