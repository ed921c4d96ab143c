"""Collects the events of a transaction that members are notified of, and writes their notifications before it commits.

Flushed rows are compared with the rules automatically; services report what bulk statements changed. The members are
read from the database at the end, so an event counts as the transaction leaves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, event, inspect, update
from sqlalchemy.orm import Session, SessionTransaction

from models.audit.recorder import muted
from models.notifications.notification import Notification
from models.notifications.rules import Rule, rules_of
from models.notifications.writing import Event, whole, write
from models.tenancy.scope import actor_or_none, whole_organization

_PENDING, _ACT, _NAMED = "pending notifications", "act of the notifications", "moment of the act"
_SILENT = "changes that are no events"


def report(
    session: Session, model: Any, column: str, keys: Iterable[int], *, by_program: bool = False
) -> None:
    """Report rows whose *column* a bulk statement has changed, which the session does not see."""
    for rule in rules_of(model):
        if rule.column == column:
            _add(session, rule, keys, by_program=by_program)


def subject_of(column: str, value: int) -> str:
    """The name of the act under which a member has one notification about *value*."""
    return f"{column} {value}"


def name_act(session: Session, at: datetime) -> None:
    """The events of this transaction belong to the act of the moment *at*, by which its undo withdraws them."""
    session.info[_NAMED] = _name_of(at)


@contextmanager
def unreported(session: Session) -> Iterator[None]:
    """What is flushed within is no event: an undo gives members back what they had."""
    session.flush()
    session.info[_SILENT] = True
    try:
        yield
        session.flush()
    finally:
        session.info.pop(_SILENT, None)


def withdraw(session: Session, model: Any, column: str, at: datetime, undone: Mapping[int, int]) -> None:
    """Take the undone rows off the unread notifications of the act of *at*; *undone* is their number by member."""
    kinds = [rule.kind for rule in rules_of(model) if rule.column == column]
    # The rows belong to other members than the one who acts.
    with muted(session), whole_organization(session):
        for member_id, number in undone.items():
            of_act = (
                Notification.member_id == member_id,
                Notification.kind.in_(kinds),
                Notification.act == _name_of(at),
                Notification.read_at.is_(None),
                Notification.dismissed_at.is_(None),
            )
            for statement in (
                delete(Notification).where(*of_act, Notification.count <= number),
                update(Notification).where(*of_act).values(count=Notification.count - number),
            ):
                session.execute(statement, execution_options={"synchronize_session": False})


def _name_of(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _add(
    session: Session, rule: Rule, keys: Iterable[int], *, by_program: bool = False, subject: str | None = None
) -> None:
    actor = actor_or_none(session)
    if actor is None or actor.organization_id is None:
        return
    act = (
        subject or session.info.get(_NAMED) or actor.request_id or session.info.setdefault(_ACT, uuid4().hex)
    )
    actor_id, within = None if by_program else actor.member_id, session.get_nested_transaction()
    pending: list[Event] = session.info.setdefault(_PENDING, [])
    pending += [Event(rule, key, actor.organization_id, actor_id, act, within) for key in keys]


@event.listens_for(Session, "after_flush")
def _collect(session: Session, _context: Any) -> None:
    if session.info.get(_SILENT):
        return
    for row in [*session.new, *session.dirty]:
        for rule in rules_of(type(row)):
            if _has_happened(rule, row, is_new=row in session.new):
                name = rule.once_per
                _add(session, rule, [row.id], subject=subject_of(name, getattr(row, name)) if name else None)


def _has_happened(rule: Rule, row: Any, *, is_new: bool) -> bool:
    # A column that is not loaded was not changed; reading it would cost a statement.
    value = inspect(row).dict.get(rule.column)
    is_event = value is not None if rule.values is None else value in rule.values
    if is_new and rule.counts_added is not None and not rule.counts_added(row):
        return False
    return is_event and (is_new or inspect(row).attrs[rule.column].history.has_changes())


@event.listens_for(Session, "before_commit")
def _store(session: Session) -> None:
    if session.in_nested_transaction():  # only a savepoint is released
        return
    session.flush()
    events: list[Event] = session.info.pop(_PENDING, [])
    if not events:
        return
    # A notification is no change of a row that the trail has to show.
    with muted(session):
        for organization_id in {each.organization_id for each in events}:
            with whole(session, organization_id):
                write(session, [each for each in events if each.organization_id == organization_id])


@event.listens_for(Session, "after_soft_rollback")
def _drop_savepoint(session: Session, previous: SessionTransaction) -> None:
    events: list[Event] | None = session.info.get(_PENDING)
    if events is not None and previous.nested:
        session.info[_PENDING] = [each for each in events if not _is_within(each.within, previous)]


def _is_within(savepoint: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while savepoint is not None and savepoint is not outer:
        savepoint = savepoint.parent
    return savepoint is outer


@event.listens_for(Session, "after_transaction_end")
def _drop(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_PENDING, None)
        session.info.pop(_ACT, None)
        session.info.pop(_NAMED, None)
