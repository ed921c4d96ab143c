"""The hash chain of an organisation's audit events. Each hash covers the one before, so alterations are detected.

A job links events after their commit. A long transaction may commit events with smaller keys than linked ones, so
the order of the chain is the order of linking, in `chained_at`.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from app.extensions import db
from app.lib.clock import now
from app.services.audit.event_hash import digest_of, hash_of
from models.audit.event import AuditAnchor, AuditEvent
from models.organization import Organization
from models.tenancy.scope import actor_of

GENESIS = "0" * 64
BATCH = 500


def find_unlinked() -> list[int]:
    """The ids of organisations with unlinked events."""
    statement = select(AuditEvent.organization_id).where(AuditEvent.hash.is_(None)).distinct()
    # Reads organisation ids only; events are read within their organisation.
    return list(db.session.scalars(statement, execution_options={"unscoped": True}))


def link_events(most: int = BATCH) -> int:
    """Link at most *most* events of the acting organisation; returns how many."""
    # Two concurrent jobs would both continue from the same event.
    db.session.execute(_lock())
    waiting = select(AuditEvent).where(AuditEvent.hash.is_(None)).order_by(AuditEvent.id).limit(most)
    events = db.session.scalars(waiting).all()
    if not events:
        return 0
    last = db.session.scalars(
        linked_events().order_by(AuditEvent.chained_at.desc(), AuditEvent.id.desc()).limit(1)
    ).first()
    anchor = newest_anchor()
    start = anchor.hash if anchor else GENESIS
    previous, moment = (last.hash or "", _after(last)) if last else (start, now())
    for event in events:
        event.salt = secrets.token_hex(16)
        event.values_digest = digest_of(event)
        event.previous_hash, event.chained_at = previous, moment
        event.hash = previous = hash_of(event, previous)
    db.session.flush()
    return len(events)


def newest_anchor() -> AuditAnchor | None:
    """The anchor of the acting organisation's chain; None where no event was pruned."""
    return db.session.scalars(select(AuditAnchor).order_by(AuditAnchor.id.desc()).limit(1)).first()


def _lock() -> Select[int]:
    organization = select(Organization.id).where(Organization.id == actor_of(db.session()).organization_id)
    return organization.with_for_update(key_share=True)


def linked_events() -> Select[tuple[AuditEvent]]:
    """The events of the chain, unordered."""
    return select(AuditEvent).where(AuditEvent.hash.is_not(None))


def _after(last: AuditEvent) -> datetime:
    """A moment later than the last link, even when the clock was set back."""
    moment = now()
    return moment if last.chained_at is None else max(moment, last.chained_at + timedelta(microseconds=1))
