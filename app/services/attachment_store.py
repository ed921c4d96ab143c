"""What lies in the store, for whoever runs the platform: no names that people gave, no contents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.extensions import db
from app.gateways.storage import storage
from models.attachment import Attachment
from models.job import ImportJob
from models.member import Member


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
    named = _named([entry.name for entry in page])
    return [StoredFile(e.name, e.size, e.changed_at, e.name in named) for e in page], total


def _named(keys: Sequence[str]) -> set[str]:
    """Which of the store's names a row of whatever organisation holds."""
    uuids = [UUID(hexed) for key in keys if len(hexed := key.rpartition("/")[2]) == 32]
    # Whether there is a row, and nothing of it.
    everywhere = {"unscoped": True, "with_deleted": True}
    found = {
        *db.session.scalars(
            select(ImportJob.stored_name).where(ImportJob.stored_name.in_(keys)), execution_options=everywhere
        ),
        *db.session.scalars(select(Member.photo).where(Member.photo.in_(keys))),
    }
    attached = select(Attachment).where(Attachment.uuid.in_(uuids))
    found |= {row.stored_name for row in db.session.scalars(attached, execution_options=everywhere)}
    return {key for key in found if key}
