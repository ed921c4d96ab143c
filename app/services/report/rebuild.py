"""The summary of the ledger anew from the ledger, and fewer rows for its past days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, delete, func, insert, select, text

from app.extensions import db
from app.lib.jalali import TEHRAN, start_of_day, today
from app.services.assignment.ledger import settle, write_repeats
from app.services.bulk import insert_all
from models.assignment import Assignment
from models.audit.recorder import muted
from models.figures.assigned_day import AssignedDay
from models.figures.repeated_line import RepeatedLine
from models.tenancy.scope import actor_of
from models.types import UtcDateTime

# Customers whose lines are written by one statement.
_CUSTOMERS = 20_000
_DAY = timedelta(days=1)
_QUIETLY: dict[str, Any] = {"synchronize_session": False}
_RAW: dict[str, Any] = {"dml_strategy": "raw", **_QUIETLY}
# Who adds a line meanwhile waits for the commit: the line would be counted twice or not at all.
_LOCK = text("LOCK TABLE assigned_days, repeated_lines IN SHARE ROW EXCLUSIVE MODE")


def rebuild_summary() -> None:
    """Write the summary of the acting organisation again, within one transaction."""
    session = db.session()
    settle()
    with muted(session):
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(_LOCK)
        session.execute(delete(AssignedDay), execution_options=_QUIETLY)
        session.execute(delete(RepeatedLine), execution_options=_QUIETLY)
        bounds = select(func.min(Assignment.started_at), func.max(Assignment.started_at))
        first, last = session.execute(bounds).one()
        for begins in _days(first, last):
            _write_day(begins)
        _write_customers()


def _days(first: datetime | None, last: datetime | None) -> Iterator[datetime]:
    """The first instants of the days in Tehran from *first* to *last*."""
    if first is None or last is None:
        return
    day, until = (moment.astimezone(TEHRAN).date() for moment in (first, last))
    while day <= until:
        yield start_of_day(day)
        day += _DAY


def _write_day(begins: datetime) -> None:
    organization, at = bindparam("organization_id", type_=Integer), Assignment.started_at
    chosen = (
        select(organization, Assignment.to_member_id, bindparam("begins", type_=UtcDateTime()), func.count())
        .where(
            Assignment.organization_id == organization,
            Assignment.counts(),
            Assignment.to_member_id.is_not(None),
            at >= bindparam("begins", type_=UtcDateTime()),
            at < bindparam("ends", type_=UtcDateTime()),
        )
        .group_by(Assignment.to_member_id)
    )
    names = ["organization_id", "member_id", "begins_at", "lines"]
    session = db.session()
    ends = start_of_day(begins.astimezone(TEHRAN).date() + _DAY)
    values = {"organization_id": actor_of(session).organization_id, "begins": begins, "ends": ends}
    session.execute(insert(AssignedDay).from_select(names, chosen), values, execution_options=_RAW)


def _write_customers() -> None:
    customer = Assignment.counted_customer_id
    least, most = db.session.execute(select(func.min(customer), func.max(customer))).one()
    for first in range(least, most + 1, _CUSTOMERS) if least is not None else ():
        write_repeats(customer.between(first, first + _CUSTOMERS - 1))


def days_to_merge() -> list[datetime]:
    """The days before today with several rows of one consultant, the oldest first."""
    statement = (
        select(AssignedDay.begins_at)
        .where(AssignedDay.begins_at < start_of_day(today()))
        .group_by(AssignedDay.begins_at, AssignedDay.member_id)
        .having(func.count() > 1)
    )
    return sorted(set(db.session.scalars(statement)))


def merge_day(begins: datetime) -> None:
    """One row for each consultant in place of the rows of a day; the sums stay as they are."""
    session = db.session()
    with muted(session):
        statement = delete(AssignedDay).where(AssignedDay.begins_at == begins)
        # Of two processes, the second one finds none of the rows that the first one has deleted.
        gone = session.execute(
            statement.returning(AssignedDay.member_id, AssignedDay.lines),
            execution_options=_QUIETLY,
        )
        lines: Counter[int] = Counter()
        for member, number in gone:
            lines[member] += number
        rows = [
            {"member_id": member, "begins_at": begins, "lines": number}
            for member, number in lines.items()
            if number
        ]
        insert_all(AssignedDay, rows)
