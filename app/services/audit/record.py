"""Audit events of services, written in the transaction of the change."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from app.extensions import db
from models.audit import recorder as audit_trail


def record(
    action: str, row: Any, *, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None
) -> None:
    """Record that the actor did *action* to *row*, which is flushed, with all changes of the transaction."""
    audit_trail.record_event(db.session(), action, row, before=before, after=after)


def note(
    action: str, model: type[Any], key: int | None, *, before: Any = None, after: Any = None, row: Any = None
) -> None:
    """Record a change by a bulk statement, which the session does not see."""
    audit_trail.record_change(db.session(), action, model, key, before=before, after=after, row=row)


def muted() -> AbstractContextManager[None]:
    """Record nothing within the block: its changes belong to an event that is recorded elsewhere."""
    return audit_trail.muted(db.session())


def is_muted() -> bool:
    """Whether `note` would record nothing, so that many changes need not be described."""
    return audit_trail.is_muted(db.session())
