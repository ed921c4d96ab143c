"""The trail of what people did: written in the transaction that does it."""

from __future__ import annotations

from typing import Any

from flask import current_app

from app.extensions import db
from models.audit import AuditEvent
from models.scope import acting_of


def record(
    action: str, row: Any, *, before: dict[str, Any] | None = None, after: dict[str, Any] | None = None
) -> AuditEvent | None:
    """Note that who acts did *action* to *row*, which has been flushed; the platform's own people leave a log line."""
    acting = acting_of(db.session())
    if acting.organization_id is None:
        current_app.logger.info(
            "Audit: member %s did %s to %s %s", acting.member_id, action, type(row).__name__, row.id
        )
        return None
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
