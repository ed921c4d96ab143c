"""Collects the changes of a transaction and stores them as audit events before it commits.

Flushed rows are collected automatically; bulk statements are reported with `record_change`. A form, an action or a
service calls `name_event` to set the action and the rows of the event.
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
from models.notifications.notification import Notification
from models.organization import Organization
from models.tenancy.scope import Actor, actor_or_none

_DRAFT = "audit draft"
_MUTED = "audit muted"
_log = logging.getLogger(__name__)


def name_event(session: Session, action: str, model: type[Any], keys: Sequence[int]) -> None:
    """Set the action and the rows of the event; the first call wins."""
    draft = _draft_of(session)
    if draft is not None and draft.action is None:
        draft.action, draft.kind, draft.keys = action, model.__name__, tuple(keys)


def separate_event(session: Session, row: Any) -> None:
    """Give *row*, if it changes, an event of its own beside the one that `name_event` names."""
    draft = _draft_of(session)
    if draft is not None:
        draft.separate.add((type(row).__name__, row.id))


def record_event(
    session: Session,
    action: str,
    row: Any,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Record *action* on *row*; if the event is already about this row, only its action is replaced."""
    draft = _draft_of(session)
    if draft is None:
        return
    if draft.kind == type(row).__name__ and row.id in draft.keys:
        draft.action = action
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
    """Record a change that the session does not see, or details beside the columns."""
    draft, actor = _draft_of(session), actor_or_none(session)
    if draft is None or actor is None:
        return
    draft.is_explicit = True
    values = plain_values(before), plain_values(after)
    draft.changes.append(
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
    """Record nothing in the block, because the action is already recorded or needs no event (demo data)."""
    session.flush()
    before = session.info.get(_MUTED, False)
    session.info[_MUTED] = True
    try:
        yield
        session.flush()
    finally:
        session.info[_MUTED] = before


def is_muted(session: Session) -> bool:
    """Whether nothing is recorded now."""
    return bool(session.info.get(_MUTED))


def _draft_of(session: Session) -> EventDraft | None:
    if is_muted(session):
        return None
    draft: EventDraft = session.info.setdefault(_DRAFT, EventDraft())
    return draft


def _organization_of(row: Any, actor: Actor) -> int | None:
    """The organisation of the event: that of the row, because a platform admin changes rows of others."""
    owner = row.id if isinstance(row, Organization) else getattr(row, "organization_id", None)
    return owner or actor.organization_id


@event.listens_for(Session, "after_flush")
def _collect(session: Session, _context: Any) -> None:
    actor, draft = actor_or_none(session), _draft_of(session)
    if actor is None or draft is None:
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
                    draft.changes.append(change)


def _is_audited(row: Any) -> bool:
    """Whether the values of the row are recorded; services record the acts on private rows."""
    if isinstance(row, AuditEvent | ImportRejection | Notification) or getattr(row, "__private__", False):
        return False
    return isinstance(row, Tenant | Member | Organization)


@event.listens_for(Session, "do_orm_execute")
def _collect_statement(state: ORMExecuteState) -> None:
    """Remember the table of a bulk statement, so that at least a minimal event is stored."""
    if not (state.is_insert or state.is_update or state.is_delete) or state.bind_mapper is None:
        return
    model, actor, draft = state.bind_mapper.class_, actor_or_none(state.session), _draft_of(state.session)
    if actor is None or draft is None or not issubclass(model, Tenant) or model.__private__:
        return
    if model is not AuditEvent:
        draft.touched.setdefault(model.__name__, actor)


@event.listens_for(Session, "before_commit")
def _store(session: Session) -> None:
    if session.in_nested_transaction():  # only a savepoint is released
        return
    session.flush()
    draft: EventDraft | None = session.info.pop(_DRAFT, None)
    if draft is None:
        return
    for change in without_organization(draft):
        details = (change.actor.member_id, change.action, change.kind, change.key, sorted(change.after))
        _log.info("Audit: member %s on the platform: %s %s %s %s", *details)
    for values in events_of(draft):
        # SQLAlchemy would store None as JSON null.
        row = {name: null() if value is None else value for name, value in values.items()}
        # Unscoped, because the event of a platform admin belongs to the organisation of the changed row.
        session.execute(insert(AuditEvent).values(**row), execution_options={"unscoped": True})


@event.listens_for(Session, "after_soft_rollback")
def _drop_savepoint(session: Session, previous: SessionTransaction) -> None:
    draft: EventDraft | None = session.info.get(_DRAFT)
    if draft is not None and previous.nested:
        draft.changes = [change for change in draft.changes if change.within is not previous]


@event.listens_for(Session, "after_transaction_end")
def _drop(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_DRAFT, None)
