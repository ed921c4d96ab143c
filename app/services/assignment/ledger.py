"""The ledger of assignments and the summary of it that reports read, written in the same transaction.

The numbers of the days are written with the lines, as further rows. The lines of customers who were assigned before are
written right before the commit, because only one transaction at a time may do so for a customer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam, delete, event, func, insert, inspect, select, text
from sqlalchemy.orm import Mapper, Session, SessionTransaction, object_session

from app.extensions import db
from app.lib.jalali import TEHRAN, start_of_day
from app.services.audit.record import muted
from app.services.bulk import insert_all
from models.assignment import Assignment
from models.figures.assigned_day import AssignedDay
from models.figures.repeated_line import RepeatedLine
from models.tenancy.scope import Actor, actor_of, actor_or_none, bind

_PENDING = "customers whose lines changed"
_PART = 1_000
# Transactions that commit lines of the same customer wait for each other; customers share this many locks.
_LOCKS, _LOCK_SPACE = 64, 650_076
_LOCK = text(
    "SELECT pg_advisory_xact_lock(:space, each) FROM (SELECT unnest(CAST(:keys AS integer[])) AS each ORDER BY 1) t"
)


def add_lines(rows: Sequence[dict[str, Any]]) -> None:
    """Insert lines of the ledger; a line that counts names its customer."""
    for part in _parts(rows):
        insert_all(Assignment, [dict(row) for row in part])
    _note([row for row in rows if row.get("undoes_id") is None], 1)


def discount_lines(lines: Sequence[Assignment]) -> None:
    """Take *lines*, which a bulk statement has marked as undone, out of the summary."""
    _note([_values_of(line) for line in lines], -1)


def settle() -> None:
    """Write what waits for the commit, so that a report of the same transaction sees it."""
    session = db.session()
    pending: dict[int, set[int]] = session.info.pop(_PENDING, {})
    for organization_id, customers in pending.items():
        # The trail names the assignment.
        with _acting_in(session, organization_id), muted():
            _lock(session, organization_id, customers)
            for part in _parts(sorted(customers)):
                session.execute(delete(RepeatedLine).where(RepeatedLine.customer_id.in_(part)), **_QUIETLY)
                write_repeats(Assignment.counted_customer_id.in_(part))


@contextmanager
def _acting_in(session: Session, organization_id: int) -> Iterator[None]:
    """The session acts for no member of the organisation: who sees only own rows may give work to others."""
    before = actor_or_none(session)
    bind(session, Actor(organization_id))
    try:
        yield
    finally:
        bind(session, before or Actor(organization_id))


_QUIETLY: dict[str, Any] = {"execution_options": {"synchronize_session": False}}


def write_repeats(which: ColumnElement[bool]) -> None:
    """Write the repeated lines of the customers *which*, who have none."""
    in_time = (Assignment.started_at, Assignment.id)
    before = func.lag(Assignment.started_at)
    customer, member = Assignment.counted_customer_id, Assignment.to_member_id
    lines = (
        select(
            Assignment.id,
            member.label("member"),
            customer.label("customer"),
            Assignment.started_at.label("at"),
            before.over(partition_by=customer, order_by=in_time).label("customer_before"),
            before.over(partition_by=(customer, member), order_by=in_time).label("pair_before"),
        )
        .where(which, Assignment.organization_id == bindparam("organization_id", type_=Integer), *_COUNTED)
        .subquery()
    )
    names = ["organization_id", "line_id", "member_id", "customer_id", "at"]
    chosen = select(
        bindparam("organization_id", type_=Integer), lines.c.id, lines.c.member, lines.c.customer, lines.c.at
    ).add_columns(lines.c.customer_before, lines.c.pair_before)
    statement = insert(RepeatedLine).from_select(
        [*names, "customer_before_at", "pair_before_at"], chosen.where(lines.c.customer_before.is_not(None))
    )
    session = db.session()
    session.execute(
        statement,
        {"organization_id": actor_of(session).organization_id},
        execution_options={"dml_strategy": "raw", "synchronize_session": False},
    )


_COUNTED = (Assignment.counts(), Assignment.to_member_id.is_not(None))


def _values_of(line: Assignment) -> dict[str, Any]:
    names = ("to_member_id", "counted_customer_id", "started_at")
    return {name: getattr(line, name) for name in names}


def _note(rows: Sequence[dict[str, Any]], number: int) -> None:
    """Add *number* for each of *rows* to its day, and remember its customer."""
    session = db.session()
    days = Counter(
        (row["to_member_id"], _begin_of_day(row["started_at"]))
        for row in rows
        if row["to_member_id"] is not None
    )
    with muted():
        insert_all(
            AssignedDay,
            [
                {"member_id": member, "begins_at": begins_at, "lines": number * count}
                for (member, begins_at), count in days.items()
            ],
        )
    customers = {row.get("counted_customer_id") or row["customer_id"] for row in rows}
    _remember(session, actor_of(session).organization_id, customers)


def _begin_of_day(at: datetime) -> datetime:
    return start_of_day(at.astimezone(TEHRAN).date())


def _remember(session: Session, organization_id: int | None, customers: set[int]) -> None:
    pending: dict[int | None, set[int]] = session.info.setdefault(_PENDING, {})
    pending.setdefault(organization_id, set()).update(customers)


def _lock(session: Session, organization_id: int, customers: set[int]) -> None:
    """Wait until no other transaction writes the lines of *customers*; SQLite has one writer."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        first = organization_id * _LOCKS % 2**31
        keys = sorted({first + customer % _LOCKS for customer in customers})
        connection.execute(_LOCK, {"space": _LOCK_SPACE, "keys": keys})


def _parts(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + _PART] for start in range(0, len(items), _PART))


@event.listens_for(Assignment, "after_insert")
def _count_added(_mapper: Mapper[Any], connection: Any, line: Assignment) -> None:
    if line.undone_at is None and line.undoes_id is None:
        _count(connection, line, 1)


@event.listens_for(Assignment, "after_update")
def _count_undone(_mapper: Mapper[Any], connection: Any, line: Assignment) -> None:
    history: Any = inspect(line).attrs.undone_at.history
    if history.has_changes() and line.undone_at is not None and line.undoes_id is None:
        _count(connection, line, -1)


def _count(connection: Any, line: Assignment, number: int) -> None:
    """Count a line of a flush; no statement of the session may run within it."""
    session = object_session(line)
    if session is None or line.to_member_id is None:
        return
    row = {"member_id": line.to_member_id, "begins_at": _begin_of_day(line.started_at), "lines": number}
    connection.execute(insert(AssignedDay.__table__), row | {"organization_id": line.organization_id})
    _remember(session, line.organization_id, {line.counted_customer_id})


# Last of all, because nothing may be waited for while the locks are taken.
@event.listens_for(Session, "before_commit")
def _settle(session: Session) -> None:
    if session.in_nested_transaction():  # only a savepoint is released
        return
    session.flush()
    if session.info.get(_PENDING):
        settle()


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_PENDING, None)
