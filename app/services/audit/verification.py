"""Verifies the hash chain of an organisation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from app.extensions import db
from app.gateways.crypto import is_signed
from app.services.audit.event_hash import anchor_text, digest_of, hash_of, seal_text
from app.services.audit.hash_chain import BATCH, GENESIS, linked_events, newest_anchor
from models.audit.event import AuditEvent


@dataclass(frozen=True)
class Verdict:
    """The result of verifying a chain; `broken_at` is the id of the first event that does not match."""

    links: int
    head: str
    broken_at: int | None = None
    unlinked: int = 0


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


def _is_genuine(event: AuditEvent, previous: str) -> bool:
    """Whether the event is as it was when it was linked, but for values that were erased with a seal."""
    matches = event.hash == hash_of(event, previous)
    if event.erased_at is not None:
        sealed = is_signed(seal_text(event.id, event.hash, event.erased_at), event.seal)
        return sealed and event.before is None and (matches or event.values_digest is None)
    return matches and event.values_digest in {None, digest_of(event)}


def _walk() -> Iterator[AuditEvent]:
    """The linked events in their order, one batch in memory at a time."""
    chain = linked_events().order_by(AuditEvent.chained_at, AuditEvent.id)
    for batch in db.session.scalars(chain.execution_options(yield_per=BATCH)).partitions():
        yield from batch
        for event in batch:
            db.session.expunge(event)
