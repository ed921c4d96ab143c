"""The hash chain of an organisation's audit events. Each hash covers the one before, so alterations are detected.

A job links events after their commit. A long transaction may commit events with smaller keys than linked ones, so
the order of the chain is the order of linking, in `chained_at`.

A hash covers the values before and after by a salted digest, so that values can be erased with a person and the rest
stays verifiable. Events that were linked before that have no digest: their hash covers the values themselves.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from app.extensions import db
from app.gateways.crypto import is_signed
from app.lib.clock import now
from models.audit.event import AuditAnchor, AuditEvent
from models.organization import Organization
from models.tenancy.scope import actor_of

GENESIS = "0" * 64
BATCH = 500
VALUES = ("before", "after")
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


def verify_chain() -> Verdict:
    """Verify the chain of the acting organisation from its first event, or its anchor, to its last."""
    links, head = 0, GENESIS
    if anchor := newest_anchor():
        links, head = anchor.links, anchor.hash
        if not is_signed(anchor_text(anchor), anchor.signature):
            return Verdict(0, GENESIS, broken_at=anchor.last_event_id)
    for event in _walk():
        if event.previous_hash != head or not _is_genuine(event, head):
            return Verdict(links, head, broken_at=event.id)
        links, head = links + 1, event.hash or ""
    waiting = select(func.count(AuditEvent.id)).where(AuditEvent.hash.is_(None))
    return Verdict(links, head, unlinked=db.session.scalars(waiting).one())


def hash_of(event: AuditEvent, previous: str) -> str:
    """The hexadecimal SHA-256 of *previous* and the event's content, as JSON with sorted keys."""
    content = {name: getattr(event, name) for name in CONTENT}
    content["at"] = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    if event.values_digest is not None:
        content = {name: value for name, value in content.items() if name not in VALUES}
        content["values"] = event.values_digest
    return _sha256([previous, content])


def digest_of(event: AuditEvent) -> str:
    """The digest of the values; the salt protects them from being found by trying."""
    return _sha256([event.salt, event.before, event.after])


def seal_text(event_id: int, link: str | None, erased_at: datetime) -> str:
    """What the seal of an event signs whose values were erased."""
    return f"erased {event_id} {link} {erased_at.astimezone(UTC).isoformat(timespec='microseconds')}"


def anchor_text(anchor: AuditAnchor) -> str:
    """What the signature of an anchor signs."""
    return f"anchor {anchor.organization_id} {anchor.links} {anchor.last_event_id} {anchor.hash}"


def newest_anchor() -> AuditAnchor | None:
    """The anchor of the acting organisation's chain; None where no event was pruned."""
    return db.session.scalars(select(AuditAnchor).order_by(AuditAnchor.id.desc()).limit(1)).first()


def _is_genuine(event: AuditEvent, previous: str) -> bool:
    """Whether the event is as it was when it was linked, but for values that were erased with a seal."""
    matches = event.hash == hash_of(event, previous)
    if event.erased_at is not None:
        sealed = is_signed(seal_text(event.id, event.hash, event.erased_at), event.seal)
        return sealed and event.before is None and (matches or event.values_digest is None)
    return matches and event.values_digest in {None, digest_of(event)}


def _sha256(content: Any) -> str:
    spelt = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
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
