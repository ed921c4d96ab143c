"""What the hash of an audit event covers, and what its signatures sign.

A hash covers the values before and after by a salted digest, so that values can be erased with a person and the rest
stays verifiable. Events that were linked before that have no digest: their hash covers the values themselves.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from models.audit.event import AuditAnchor, AuditEvent

VALUES = ("before", "after")
# The columns that a hash covers, in this order.
CONTENT = (
    "id", "organization_id", "at", "actor_id", "action", "object_type", "object_id", "before", "after",
    "request_id", "ip", "agent", "session_id",
)  # fmt: skip


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


def _sha256(content: Any) -> str:
    spelt = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(spelt.encode()).hexdigest()
