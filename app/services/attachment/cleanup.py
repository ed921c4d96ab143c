"""Cleanup of attachments: erases rows without a parent, then files without a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import delete, exists, select

from app.extensions import db
from app.gateways.storage import Entry, is_name, storage
from app.lib.clock import now
from app.services.attachment.store import named_by_rows
from app.services.audit.record import note
from models.attachment import Attachment
from models.audit.recorder import name_event
from models.trash import soft_deleted_models

# The row of a stored file is committed within seconds, or never.
MIN_AGE = timedelta(hours=1)
CHUNK = 500
_WITH_DELETED = {"with_deleted": True}


def chunks(entries: Iterable[Entry]) -> Iterator[Sequence[Entry]]:
    """*entries* in lists of at most `CHUNK`."""
    rest = iter(entries)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def sweep_chunk(entries: Sequence[Entry]) -> int:
    """Delete those of *entries* that are older than an hour and have no row; returns how many."""
    # Files with other names were not stored by this application.
    old = [each.name for each in entries if each.changed_at < now() - MIN_AGE and is_name(each.name)]
    # After the check of the age: a row that is committed meanwhile belongs to a younger file.
    orphans = set(old) - named_by_rows(old) if old else set()
    for name in orphans:
        with suppress(FileNotFoundError):
            storage().delete(name)
    return len(orphans)


def erase_orphans() -> int:
    """Erase the next attachments of the acting organisation whose parent was erased; returns how many."""
    keys: list[int] = []
    for model in soft_deleted_models():
        keys += db.session.scalars(
            _without_parent(model).limit(CHUNK - len(keys)), execution_options=_WITH_DELETED
        )
    if keys:
        name_event(db.session(), "purge", Attachment, keys)
        for key in keys:
            note("purge", Attachment, key)
        erased = delete(Attachment).where(Attachment.id.in_(keys))
        db.session.execute(erased, execution_options={"synchronize_session": False, **_WITH_DELETED})
    return len(keys)


def _without_parent(model: Any) -> Any:
    parent = exists(select(model.id).where(model.id == Attachment.parent_id))
    return select(Attachment.id).where(Attachment.parent_type == model.__tablename__, ~parent)
