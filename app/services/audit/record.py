"""The trail of what people did: written in the transaction that does it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from app.extensions import db
from models.audit import recorder as audit_trail


def record(
    action: str, row: Any, *, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None
) -> None:
    """Note that who acts did *action* to *row*, which has been flushed; told with all that the commit changes."""
    audit_trail.record_event(db.session(), action, row, before=before, after=after)


def note(
    action: str, model: type[Any], key: int | None, *, before: Any = None, after: Any = None, row: Any = None
) -> None:
    """Note what a statement did to a row, which the session itself does not see."""
    audit_trail.record_change(db.session(), action, model, key, before=before, after=after, row=row)


def muted() -> AbstractContextManager[None]:
    """What happens meanwhile is part of an act that was told before."""
    return audit_trail.muted(db.session())
