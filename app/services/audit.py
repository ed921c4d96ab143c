"""The trail of what people did: written in the transaction that does it."""

from __future__ import annotations

from typing import Any

from app.extensions import db
from models.audit import AuditEvent
from models.scope import acting_of


def record(
    action: str, row: Any, *, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None
) -> AuditEvent:
    """Note that who acts did *action* to *row*, which has been flushed."""
    acting = acting_of(db.session())
    event = AuditEvent(
        actor_id=acting.member_id,
        action=action,
        object_type=type(row).__name__,
        object_id=row.id,
        before=before,
        after=after,
        request_id=acting.request_id,
    )
    db.session.add(event)
    return event
