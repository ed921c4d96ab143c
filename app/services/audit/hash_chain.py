"""The hash chain of an organisation's audit events. Each hash covers the one before, so alterations are detected.

A job links events after their commit. A long transaction may commit events with smaller keys than linked ones, so
the order of the chain is the order of linking, in `chained_at`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, func, select

from app.extensions import db
from app.lib.clock import now
from models.audit.event import AuditEvent
from models.organization import Organization
from models.tenancy.scope import actor_of

GENESIS = "0" * 64
BATCH = 500
# The columns that a hash covers, in this order.
CONTENT = (
    "id", "organization_id", "at", "actor_id", "action", "object_type", "object_id", "before", "after",
    "request_id", "ip", "agent", "session_id",
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """The result of verifying a chain; `broken_at` is the id of the first event that does not match."""

    links: int
    head: str
    broken_at: int | None = None
    unlinked: int = 0


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
        _linked().order_by(AuditEvent.chained_at.desc(), AuditEvent.id.desc()).limit(1)
    ).first()
    previous, moment = (last.hash or "", _after(last)) if last else (GENESIS, now())
    for event in events:
        event.previous_hash, event.chained_at = previous, moment
        event.hash = previous = hash_of(event, previous)
    db.session.flush()
    return len(events)


def verify_chain() -> Verdict:
    """Verify the chain of the acting organisation from its first event to its last."""
    links, head = 0, GENESIS
    for event in _walk():
        if event.previous_hash != head or event.hash != hash_of(event, head):
            return Verdict(links, head, broken_at=event.id)
        links, head = links + 1, event.hash
    waiting = select(func.count(AuditEvent.id)).where(AuditEvent.hash.is_(None))
    return Verdict(links, head, unlinked=db.session.scalars(waiting).one())


def hash_of(event: AuditEvent, previous: str) -> str:
    """The hexadecimal SHA-256 of *previous* and the event's content, as JSON with sorted keys."""
    content = {name: getattr(event, name) for name in CONTENT}
    content["at"] = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    spelt = json.dumps([previous, content], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(spelt.encode()).hexdigest()


def _lock() -> Select[int]:
    organization = select(Organization.id).where(Organization.id == actor_of(db.session()).organization_id)
    return organization.with_for_update(key_share=True)


def _linked() -> Select[tuple[AuditEvent]]:
    return select(AuditEvent).where(AuditEvent.hash.is_not(None))


def _after(last: AuditEvent) -> datetime:
    """A moment later than the last link, even when the clock was set back."""
    moment = now()
    return moment if last.chained_at is None else max(moment, last.chained_at + timedelta(microseconds=1))


def _walk() -> Iterator[AuditEvent]:
    """The linked events in their order, one batch in memory at a time."""
    chain = _linked().order_by(AuditEvent.chained_at, AuditEvent.id)
    for batch in db.session.scalars(chain.execution_options(yield_per=BATCH)).partitions():
        yield from batch
        for event in batch:
            db.session.expunge(event)
