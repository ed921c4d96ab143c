"""Sweeping up: rows whose parent was erased, then bytes that no row names; never bytes that one does."""

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

# Whoever stored a file commits its row within seconds, or never.
SPARED = timedelta(hours=1)
CHUNK = 500
_WITH_DELETED = {"with_deleted": True}


def chunks(entries: Iterable[Entry]) -> Iterator[Sequence[Entry]]:
    """The store a few hundred files at a time, however many there are."""
    rest = iter(entries)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def sweep_chunk(entries: Sequence[Entry]) -> int:
    """Delete those of *entries* that are older than an hour and have no row; returns how many."""
    # What bears no name of ours was put there by somebody else.
    old = [each.name for each in entries if each.changed_at < now() - SPARED and is_name(each.name)]
    # Asked after the age was looked at: a row that came meanwhile belongs to a file that is too young.
    orphans = set(old) - named_by_rows(old) if old else set()
    for name in orphans:
        with suppress(FileNotFoundError):
            storage().delete(name)
    return len(orphans)


def erase_orphans() -> int:
    """Erase the next rows of the acting organisation whose parent is no more; returns how many."""
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
