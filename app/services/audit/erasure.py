"""Erases the values of audit events that name a person; who did what and when stays in the chain."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, and_, cast, func, null, or_, select, update

from app.extensions import db
from app.gateways.crypto import sign
from app.lib.spelling import Spelling, spellings_of
from app.services.audit.event_hash import seal_text
from app.services.audit.hash_chain import BATCH, link_events
from models.audit.changes import ALSO, ROWS
from models.audit.event import AuditEvent


def erase_values(rows: Mapping[str, Sequence[int]], texts: Sequence[str], *, at: datetime) -> int:
    """Erase the values of events about *rows* (keys by kind), or whose values contain one of *texts*; returns how many.

    The keys of the rows of an event stay.
    """
    while link_events() == BATCH:
        pass
    spellings = spellings_of(texts)
    found = select(AuditEvent).where(
        AuditEvent.erased_at.is_(None),
        or_(AuditEvent.before.is_not(None), AuditEvent.after.is_not(None)),
        or_(*(_about(kind, keys) for kind, keys in rows.items() if keys), *_naming(spellings)),
    )
    events = [event for event in db.session.scalars(found) if _concerns(event, rows, spellings)]
    for event in events:
        _erase(event, at)
    return len(events)


def _about(kind: str, keys: Sequence[int]) -> Any:
    """The events of one of the rows, and those with rows of several kinds, which are read."""
    own = and_(AuditEvent.object_type == kind, AuditEvent.object_id.in_(keys))
    return or_(own, and_(_spelt(AuditEvent.after).contains(ALSO), _spelt(AuditEvent.after).contains(kind)))


def _naming(spellings: Iterable[Spelling]) -> Iterable[Any]:
    """The events that may have one of *spellings*, which JSON may spell in escapes."""
    for spelling in spellings:
        for pattern in spelling.likes(escaped=True):
            for side in map(_spelt, (AuditEvent.before, AuditEvent.after)):
                like = side.ilike if spelling.has_cases else side.like
                yield like(pattern, escape="\\")


def _spelt(column: Any) -> Any:
    return func.coalesce(cast(column, Text), "")


def _concerns(event: AuditEvent, rows: Mapping[str, Sequence[int]], spellings: Iterable[Spelling]) -> bool:
    if event.object_id in rows.get(event.object_type, ()):
        return True
    also = (event.after or {}).get(ALSO) or []
    if any(each.get("id") in rows.get(str(each.get("type")), ()) for each in also):
        return True
    spelt = json.dumps([event.before, event.after], ensure_ascii=False)
    return any(spelling.is_in(spelt) for spelling in spellings)


def _erase(event: AuditEvent, at: datetime) -> None:
    keys = (event.after or {}).get(ROWS)
    statement = (
        update(AuditEvent)
        .where(AuditEvent.id == event.id)
        .values(
            before=null(),
            after={ROWS: keys} if keys else null(),
            salt=null(),
            erased_at=at,
            seal=sign(seal_text(event.id, event.hash, at)),
        )
        .execution_options(synchronize_session=False)
    )
    db.session.execute(statement)
    db.session.expire(event)
