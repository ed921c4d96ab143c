"""What a transaction changes, gathered while it runs and written as one event when it commits.

Rows that the session flushes are seen by themselves; statements that write around them are told by `note_change`.
Whoever begins an act (a form, an action, a service) says with `name_act` what it is and which rows it is about.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, insert, inspect, null
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from models.audit.changes import Change, EventDraft, events_of, without_organization
from models.audit.event import AuditEvent
from models.audit.values import added_values, changed_values, plain_values, removed_values
from models.base import Tenant
from models.job import ImportRejection
from models.member import Member
from models.organization import Organization
from models.tenancy.scope import Actor, actor_or_none

_TRAIL = "audit trail"
_UNTOLD = "audit untold"
_log = logging.getLogger(__name__)


def name_event(session: Session, action: str, model: type[Any], keys: Sequence[int]) -> None:
    """Say what the transaction is about, unless that was said before."""
    trail = _trail_of(session)
    if trail is not None and trail.action is None:
        trail.action, trail.kind, trail.keys = action, model.__name__, tuple(keys)


def record(
    session: Session,
    action: str,
    row: Any,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Say that the transaction does *action* to *row*; of rows that an act was begun with, only what is done."""
    trail = _trail_of(session)
    if trail is None:
        return
    if trail.kind == type(row).__name__ and row.id in trail.keys:
        trail.action = action
    name_event(session, action, type(row), [row.id])
    record_change(session, action, type(row), row.id, before=before, after=after, row=row)


def record_change(
    session: Session,
    action: str,
    model: type[Any],
    key: int | None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    row: Any = None,
) -> None:
    """Tell of a row that was written around the session, or what its columns alone do not say."""
    trail, actor = _trail_of(session), actor_or_none(session)
    if trail is None or actor is None:
        return
    trail.is_told = True
    values = plain_values(before), plain_values(after)
    trail.changes.append(
        Change(
            action,
            model.__name__,
            key,
            *values,
            actor,
            _organization_of(row, actor),
            row,
            session.get_nested_transaction(),
        )
    )


@contextmanager
def muted(session: Session) -> Iterator[None]:
    """What happens meanwhile is part of an act that was told before, or of none (demo data)."""
    session.flush()
    before = session.info.get(_UNTOLD, False)
    session.info[_UNTOLD] = True
    try:
        yield
        session.flush()
    finally:
        session.info[_UNTOLD] = before


def _trail_of(session: Session) -> EventDraft | None:
    if session.info.get(_UNTOLD):
        return None
    trail: EventDraft = session.info.setdefault(_TRAIL, EventDraft())
    return trail


def _organization_of(row: Any, actor: Actor) -> int | None:
    """Where the event belongs: what a platform admin does to a member is told in the member's organisation."""
    owner = row.id if isinstance(row, Organization) else getattr(row, "organization_id", None)
    return owner or actor.organization_id


@event.listens_for(Session, "after_flush")
def _gather(session: Session, _context: Any) -> None:
    actor, trail = actor_or_none(session), _trail_of(session)
    if actor is None or trail is None:
        return
    within = session.get_nested_transaction()
    for action, rows, read in (
        ("add", session.new, added_values),
        ("edit", session.dirty, changed_values),
        ("delete", session.deleted, removed_values),
    ):
        for row in rows:
            if _is_audited(row):
                before, after = read(inspect(row))
                if before or after:
                    where = _organization_of(row, actor)
                    change = Change(
                        action, type(row).__name__, row.id, before, after, actor, where, row, within
                    )
                    trail.changes.append(change)


def _is_audited(row: Any) -> bool:
    return isinstance(row, Tenant | Member | Organization) and not isinstance(
        row, AuditEvent | ImportRejection
    )


@event.listens_for(Session, "do_orm_execute")
def _notice(state: ORMExecuteState) -> None:
    """A statement that writes rows and that nobody tells of still leaves an event, if a bare one."""
    if not (state.is_insert or state.is_update or state.is_delete) or state.bind_mapper is None:
        return
    model, actor, trail = state.bind_mapper.class_, actor_or_none(state.session), _trail_of(state.session)
    if actor is not None and trail is not None and issubclass(model, Tenant) and model is not AuditEvent:
        trail.touched.setdefault(model.__name__, actor)


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction():  # only a savepoint is released
        return
    session.flush()
    trail: EventDraft | None = session.info.pop(_TRAIL, None)
    if trail is None:
        return
    for change in without_organization(trail):
        what = (change.actor.member_id, change.action, change.kind, change.key, sorted(change.after))
        _log.info("Audit: member %s on the platform: %s %s %s %s", *what)
    for values in events_of(trail):
        # JSON that is None would be written as the word null.
        row = {name: null() if value is None else value for name, value in values.items()}
        # Around the row guard: an act of the platform's admin belongs to the organisation that it is about.
        session.execute(insert(AuditEvent).values(**row), execution_options={"unscoped": True})


@event.listens_for(Session, "after_soft_rollback")
def _forget_savepoint(session: Session, previous: SessionTransaction) -> None:
    trail: EventDraft | None = session.info.get(_TRAIL)
    if trail is not None and previous.nested:
        trail.changes = [change for change in trail.changes if change.within is not previous]


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_TRAIL, None)
