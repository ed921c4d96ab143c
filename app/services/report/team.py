"""The members of an organisation with their late follow-ups, and their league table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, bindparam, case, func, literal_column, null, select, union_all

from app.extensions import db
from app.lib.clock import now
from app.services.assignment.ledger import settle
from app.services.report.spans import Span
from models.figures.assigned_day import AssignedDay
from models.figures.repeated_line import RepeatedLine
from models.follow_up import FollowUp, FollowUpEntry
from models.member import Member
from models.result_title import ResultKind, ResultTitle
from models.sale import Sale
from models.tenancy.scope import actor_of
from models.types import UtcDateTime

# With fewer numbers a conversion says little.
FEW_NUMBERS = 50


class TeamMember(NamedTuple):
    """A member with their late follow-ups and the oldest of these."""

    id: int
    name: str
    is_active: bool
    is_present: bool
    late: int
    oldest: datetime | None


@dataclass(frozen=True)
class Standing:
    """The figures of a consultant in a span; `place` is None for one with few numbers."""

    member: TeamMember
    numbers: int
    calls: int
    answered: int
    sales: int
    amount: int
    place: int | None = None


class League(NamedTuple):
    """The standings, best first; `customers` are the distinct ones behind all numbers."""

    rows: list[Standing]
    customers: int


def team(*, counts_late: bool = True) -> list[TeamMember]:
    """The members of the acting organisation by name, those of the past too.

    Without *counts_late* their late follow-ups are not read: of a large organisation these are many.
    """
    values = {"now": now(), "organization": actor_of(db.session()).organization_id}
    rows = db.session.execute(_team(counts_late=counts_late), values)
    found = [
        TeamMember(key, f"{first} {last}".strip(), active, active and present, late, oldest)
        for key, first, last, active, present, late, oldest in rows
    ]
    return sorted(found, key=lambda each: (each.name, each.id))


@cache
def _team(*, counts_late: bool) -> Any:
    is_late = (
        FollowUp.consultant_id == Member.id,
        FollowUp.not_closed(),
        FollowUp.next_at < bindparam("now", type_=UtcDateTime()),
    )
    # One range of an index for each member.
    late = select(func.count(FollowUp.id)).where(*is_late).correlate(Member).scalar_subquery()
    oldest = select(func.min(FollowUp.next_at)).where(*is_late).correlate(Member).scalar_subquery()
    of_late: tuple[Any, Any] = (late, oldest) if counts_late else (literal_column("0"), null())
    return select(
        Member.id, Member.first_name, Member.last_name, Member.active, Member.accepts_orders, *of_late
    ).where(Member.organization_id == bindparam("organization", type_=Integer()))


def league(span: Span, members: Sequence[TeamMember]) -> League:
    """The league of the consultants with numbers, calls or sales in *span*, ranked by conversion."""
    first, end = span.bounds
    values = {"first": first, "end": end}
    given, customers = _given(values)
    calls = {by: (count, int(answered or 0)) for by, count, answered in db.session.execute(_calls(), values)}
    sales = {of: (count, int(amount or 0)) for of, count, amount in db.session.execute(_sales(), values)}
    rows = [
        Standing(each, given.get(each.id, 0), *calls.get(each.id, (0, 0)), *sales.get(each.id, (0, 0)))
        for each in members
        if given.get(each.id) or each.id in calls or each.id in sales
    ]
    return League(ranked(rows), customers)


def ranked(rows: Sequence[Standing]) -> list[Standing]:
    """By conversion; consultants with few numbers come last, without a place."""
    ordered = sorted(rows, key=_rank)
    places = {each.member.id: number for number, each in enumerate(ordered, 1) if each.numbers >= FEW_NUMBERS}
    return [
        Standing(
            each.member,
            each.numbers,
            each.calls,
            each.answered,
            each.sales,
            each.amount,
            places.get(each.member.id),
        )
        for each in ordered
    ]


def _rank(row: Standing) -> tuple[Any, ...]:
    conversion = row.sales / row.numbers if row.numbers else 0.0
    return row.numbers < FEW_NUMBERS, -conversion, -row.sales, row.member.name, row.member.id


def _given(values: dict[str, Any]) -> tuple[dict[int, int], int]:
    """The numbers of each consultant, and the distinct customers of all."""
    settle()
    given: Counter[int] = Counter()
    total = again = 0
    for member, lines, of_pair, of_customer in db.session.execute(_numbers(), values):
        given[member] += int(lines or 0) - int(of_pair or 0)
        total, again = total + int(lines or 0), again + int(of_customer or 0)
    return given, total - again


def _in_span(column: Any) -> tuple[Any, Any]:
    first, end = bindparam("first", type_=UtcDateTime()), bindparam("end", type_=UtcDateTime())
    return column >= first, column < end


@cache
def _numbers() -> Any:
    """(consultant, lines, lines whose pair was assigned before in the span, and whose customer was)."""
    none: Any = literal_column("0")
    is_again = _in_span(RepeatedLine.pair_before_at)
    end = RepeatedLine.at < bindparam("end", type_=UtcDateTime())
    lines = select(AssignedDay.member_id, func.sum(AssignedDay.lines), none, none).where(
        *_in_span(AssignedDay.begins_at)
    )
    of_pair = select(RepeatedLine.member_id, none, func.count(), none).where(*is_again, end)
    of_customer = select(RepeatedLine.member_id, none, none, func.count()).where(
        *_in_span(RepeatedLine.customer_before_at), end
    )
    return union_all(
        lines.group_by(AssignedDay.member_id),
        of_pair.group_by(RepeatedLine.member_id),
        of_customer.group_by(RepeatedLine.member_id),
    )


@cache
def _calls() -> Any:
    is_answered = case((ResultTitle.kind != ResultKind.UNREACHABLE, 1), else_=0)
    return (
        select(FollowUpEntry.by_id, func.count(), func.sum(is_answered))
        .join_from(FollowUpEntry, ResultTitle, ResultTitle.id == FollowUpEntry.result_title_id)
        .where(FollowUpEntry.is_undone.is_(False), *_in_span(FollowUpEntry.at))
        .group_by(FollowUpEntry.by_id)
        # A title that was deleted still names what was said.
        .execution_options(with_deleted=True)
    )


@cache
def _sales() -> Any:
    statement = select(Sale.consultant_id, func.count(), func.sum(Sale.amount))
    return statement.where(Sale.is_supported(), *_in_span(Sale.sold_at)).group_by(Sale.consultant_id)
