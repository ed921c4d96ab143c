"""The figures of the dashboard: what is due, arrivals, numbers, sales, calls and results.

Each function counts the rows that the member sees, of one consultant where *of* names one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, and_, bindparam, case, func, select, true
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.lib.clock import now
from app.lib.jalali import start_of_day, today
from app.services.assignment.ledger import settle
from app.services.report.spans import (
    BY_PLACE,
    PLACE,
    Span,
    day_of,
    day_values,
    in_days,
    in_some_span,
    in_span,
    last_days,
    span_values,
)
from models.figures.assigned_day import AssignedDay
from models.figures.repeated_line import RepeatedLine
from models.follow_up import FollowUp, FollowUpEntry
from models.result_title import ResultTitle
from models.sale import Sale
from models.sms.message import SmsMessage
from models.tenancy.scope import whole_organization
from models.types import UtcDateTime


class Due(NamedTuple):
    """Open follow-ups whose next contact is today or earlier, and those of each day among the last ones."""

    late: int
    total: int
    by_day: list[int]


@dataclass(frozen=True)
class Sold:
    count: int
    amount: int  # in rials


class Today(NamedTuple):
    """What a member has done today; `new` are the open follow-ups without a contact."""

    calls: int
    messages: int
    new: int


@dataclass(frozen=True)
class Share:
    """Follow-ups with one last result."""

    title_id: int
    title: str
    colour: str
    count: int


def _of_member(statement: Any, column: Any, *, has_member: bool) -> Any:
    return statement.where(column == bindparam("member", type_=Integer())) if has_member else statement


def due(of: int | None, days: int) -> Due:
    """The follow-ups that are due, with those of the last *days* by the day of their next contact."""
    span = last_days(today(), days)
    values = day_values(span) | {"now": now(), "member": of}
    by_day, late, total = [0] * days, 0, 0
    for day, count, is_late in db.session.execute(_due(days, has_member=of is not None), values):
        total, late = total + count, late + int(is_late or 0)
        if day >= 0:
            by_day[day] = count
    return Due(late, total, by_day)


@cache
def _due(days: int, *, has_member: bool) -> Any:
    is_late = case((FollowUp.next_at < bindparam("now", type_=UtcDateTime()), 1), else_=0)
    is_older = FollowUp.next_at < bindparam("day_0", type_=UtcDateTime())
    day = case((is_older, -1), else_=day_of(FollowUp.next_at, days))
    end = FollowUp.next_at < bindparam(f"day_{days}", type_=UtcDateTime())
    rows = (
        select(day.label(PLACE), func.count(), func.sum(is_late))
        .select_from(FollowUp)
        .where(FollowUp.not_closed(), end)
    )
    return _of_member(rows, FollowUp.consultant_id, has_member=has_member).group_by(BY_PLACE)


def late_follow_ups(of: int | None, most: int) -> Sequence[FollowUp]:
    """The open follow-ups whose next contact is past, the oldest first."""
    statement = select(FollowUp).where(FollowUp.not_closed(), FollowUp.next_at < now())
    if of is not None:
        statement = statement.where(FollowUp.consultant_id == of)
    read = [joinedload(each) for each in (FollowUp.customer, FollowUp.product, FollowUp.last_result)]
    return db.session.scalars(
        statement.options(*read).order_by(FollowUp.next_at, FollowUp.id).limit(most)
    ).all()


def arrivals(of: int | None, span: Span) -> list[int]:
    """The orders that were assigned on each day of *span*."""
    settle()
    days = len(span.days)
    found = [0] * days
    for day, count in db.session.execute(
        _arrivals(days, has_member=of is not None), day_values(span) | {"member": of}
    ):
        found[day] = int(count)
    return found


@cache
def _arrivals(days: int, *, has_member: bool) -> Any:
    begins = AssignedDay.begins_at
    rows = (
        select(day_of(begins, days).label(PLACE), func.sum(AssignedDay.lines))
        .select_from(AssignedDay)
        .where(in_days(begins, days))
    )
    return _of_member(rows, AssignedDay.member_id, has_member=has_member).group_by(BY_PLACE)


def numbers(of: int | None, spans: Sequence[Span]) -> list[int]:
    """The numbers assigned in each of *spans*: distinct pairs of a consultant and a customer."""
    settle()
    statement = _numbers(len(spans), has_member=of is not None)
    row = db.session.execute(statement, span_values(spans) | {"member": of}).one()
    return [int(row[number] or 0) - row[len(spans) + number] for number in range(len(spans))]


@cache
def _numbers(count: int, *, has_member: bool) -> Any:
    """The lines of each span, and those whose pair was assigned before in the same span."""
    begins, before = AssignedDay.begins_at, RepeatedLine.pair_before_at
    spans = range(count)
    lines = select(
        *(
            func.sum(case((in_span(begins, number), AssignedDay.lines))).label(f"lines_{number}")
            for number in spans
        )
    ).where(in_some_span(begins))
    repeats = select(
        *(func.count(case((_is_again(number), 1))).label(f"again_{number}") for number in spans)
    ).where(in_some_span(before), RepeatedLine.at < bindparam("end", type_=UtcDateTime()))
    # The scope finds an entity in FROM only: inside of `case` it is not one any more.
    lines, repeats = lines.select_from(AssignedDay), repeats.select_from(RepeatedLine)
    of_lines = _of_member(lines, AssignedDay.member_id, has_member=has_member).subquery()
    of_repeats = _of_member(repeats, RepeatedLine.member_id, has_member=has_member).subquery()
    return select(*of_lines.c, *of_repeats.c).select_from(of_lines.join(of_repeats, true()))


def _is_again(number: int) -> ColumnElement[bool]:
    return and_(in_span(RepeatedLine.pair_before_at, number), in_span(RepeatedLine.at, number))


def sales(of: int | None, spans: Sequence[Span]) -> list[Sold]:
    """The sales of each of *spans*, neither drafts nor cancelled ones."""
    row = db.session.execute(
        _sales(len(spans), has_member=of is not None), span_values(spans) | {"member": of}
    ).one()
    return [Sold(row[2 * number], int(row[2 * number + 1] or 0)) for number in range(len(spans))]


@cache
def _sales(count: int, *, has_member: bool) -> Any:
    found: list[Any] = []
    for number in range(count):
        is_in = in_span(Sale.sold_at, number)
        found += [func.count(case((is_in, 1))), func.sum(case((is_in, Sale.amount)))]
    statement = select(*found).select_from(Sale).where(Sale.is_supported(), in_some_span(Sale.sold_at))
    return _of_member(statement, Sale.consultant_id, has_member=has_member)


def sales_by_day(of: int | None, span: Span) -> list[Sold]:
    """The sales of each day of *span*."""
    days = len(span.days)
    found = [Sold(0, 0)] * days
    statement = _sales_by_day(days, has_member=of is not None)
    for day, count, amount in db.session.execute(statement, day_values(span) | {"member": of}):
        found[day] = Sold(count, int(amount))
    return found


@cache
def _sales_by_day(days: int, *, has_member: bool) -> Any:
    place = day_of(Sale.sold_at, days).label(PLACE)
    rows = (
        select(place, func.count(), func.sum(Sale.amount))
        .select_from(Sale)
        .where(Sale.is_supported(), in_days(Sale.sold_at, days))
    )
    return _of_member(rows, Sale.consultant_id, has_member=has_member).group_by(BY_PLACE)


def done_today(member: int) -> Today:
    """The calls and messages of *member* today, and their new follow-ups."""
    # An entry counts for who recorded it, also after its follow-up was given to a colleague.
    with whole_organization(db.session()):
        values = {"member": member, "midnight": start_of_day(today())}
        return Today(*db.session.execute(_done_today(), values).one())


@cache
def _done_today() -> Any:
    midnight, member = bindparam("midnight", type_=UtcDateTime()), bindparam("member", type_=Integer())
    calls = select(func.count(FollowUpEntry.id)).where(
        FollowUpEntry.by_id == member, FollowUpEntry.at >= midnight, FollowUpEntry.is_undone.is_(False)
    )
    messages = select(func.count(SmsMessage.id)).where(
        SmsMessage.created_by_id == member, SmsMessage.created_at >= midnight
    )
    new = select(func.count(FollowUp.id)).where(
        FollowUp.consultant_id == member, FollowUp.not_closed(), FollowUp.last_entry_at.is_(None)
    )
    return select(*(each.scalar_subquery() for each in (calls, messages, new)))


def result_shares(of: int | None, span: Span) -> list[Share]:
    """The follow-ups that began in *span*, by their last result; the most frequent first."""
    first, end = span.bounds
    values = {"first": first, "end": end, "member": of}
    statement = _shares_of_all() if of is None else _shares_of_member()
    rows = db.session.execute(statement, values)
    found = [Share(key, title, str(colour.value), count) for key, title, colour, count in rows if count]
    return sorted(found, key=lambda share: (-share.count, share.title_id))


def _began_in_span() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    first, end = bindparam("first", type_=UtcDateTime()), bindparam("end", type_=UtcDateTime())
    return FollowUp.created_at >= first, FollowUp.created_at < end


@cache
def _shares_of_all() -> Any:
    # One range of an index for each title.
    counted = select(func.count(FollowUp.id)).where(
        FollowUp.last_result_id == ResultTitle.id, *_began_in_span()
    )
    number = counted.correlate(ResultTitle).scalar_subquery()
    return select(ResultTitle.id, ResultTitle.title, ResultTitle.colour, number)


@cache
def _shares_of_member() -> Any:
    # Their rows are few of those that each title has, so they are read once.
    return (
        select(ResultTitle.id, ResultTitle.title, ResultTitle.colour, func.count())
        .join_from(FollowUp, ResultTitle, ResultTitle.id == FollowUp.last_result_id)
        .where(FollowUp.consultant_id == bindparam("member", type_=Integer()), *_began_in_span())
        .group_by(ResultTitle.id, ResultTitle.title, ResultTitle.colour)
    )


def next_contact(of: int | None) -> tuple[datetime, str] | None:
    """The time and the customer of the next planned contact."""
    statement = select(FollowUp).where(FollowUp.not_closed(), FollowUp.next_at >= now())
    if of is not None:
        statement = statement.where(FollowUp.consultant_id == of)
    ahead = statement.options(joinedload(FollowUp.customer)).order_by(FollowUp.next_at, FollowUp.id).limit(1)
    row = db.session.scalar(ahead)
    return (row.next_at, str(row.customer)) if row is not None and row.next_at is not None else None
