"""Prunes old audit events. An anchor signs where the rest of the chain begins, so that it stays verifiable.

The panel's role may not delete events, so this runs on a connection of the role that owns the tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, text

from app.gateways.crypto import sign
from app.lib.clock import now
from app.services.audit.event_hash import anchor_text
from models.audit.event import AuditAnchor, AuditEvent

RETENTION = timedelta(days=731)
_EVENTS: Any = AuditEvent.__table__
_ANCHORS: Any = AuditAnchor.__table__
_SQLITE_GUARD = "keep_audit_events_delete"


def prune(connection: Connection, organization_id: int, *, before: datetime | None = None) -> int:
    """Delete the linked events of the organisation up to the first that is young enough; returns how many."""
    limit = before or now() - RETENTION
    mine = and_(_EVENTS.c.organization_id == organization_id, _EVENTS.c.hash.is_not(None))
    order = (_EVENTS.c.chained_at, _EVENTS.c.id)
    kept = select(*order).where(mine, _EVENTS.c.at >= limit).order_by(*order).limit(1)
    first = connection.execute(kept).first()
    old = and_(mine, _before(first)) if first else mine
    newest = connection.execute(
        select(_EVENTS.c.id, _EVENTS.c.hash).where(old).order_by(*(each.desc() for each in order)).limit(1)
    ).first()
    if newest is None:
        return 0
    count = connection.scalar(select(func.count()).select_from(_EVENTS).where(old)) or 0
    _anchor(connection, organization_id, count, newest)
    with _deletable(connection):
        connection.execute(delete(_EVENTS).where(old))
    return count


def _before(first: Row[Any]) -> Any:
    return or_(
        _EVENTS.c.chained_at < first.chained_at,
        and_(_EVENTS.c.chained_at == first.chained_at, _EVENTS.c.id < first.id),
    )


def _anchor(connection: Connection, organization_id: int, count: int, newest: Row[Any]) -> None:
    earlier = select(_ANCHORS.c.links).where(_ANCHORS.c.organization_id == organization_id)
    links = connection.scalar(earlier.order_by(_ANCHORS.c.id.desc()).limit(1)) or 0
    anchor = AuditAnchor(
        organization_id=organization_id, links=links + count, last_event_id=newest.id, hash=newest.hash
    )
    values = {name: getattr(anchor, name) for name in ("organization_id", "links", "last_event_id", "hash")}
    signature = sign(anchor_text(anchor))
    connection.execute(insert(_ANCHORS).values(**values, at=now(), signature=signature))


@contextmanager
def _deletable(connection: Connection) -> Iterator[None]:
    """Lift the guard of the table for the block, within the transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE audit_events DISABLE TRIGGER keep_audit_events"))
        yield
        connection.execute(text("ALTER TABLE audit_events ENABLE TRIGGER keep_audit_events"))
        return
    named = text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name")
    guard = connection.scalar(named, {"name": _SQLITE_GUARD})
    connection.execute(text(f"DROP TRIGGER {_SQLITE_GUARD}"))
    yield
    connection.execute(text(str(guard)))
