"""The assigned numbers of a question, each with its calls, its last result and its first sale.

A number is a pair of a consultant and a counted customer, from its first assignment in the range. Its calls are those
of its orders while the consultant had them, so that work of a later consultant changes nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from app.extensions import db, plan_for_values
from app.lib.clock import now
from app.lib.jalali import TEHRAN
from app.services.report.contact import seconds_of
from app.services.report.keys import of_member, of_order, of_organization, within
from app.services.report.periods import Grain, periods_of
from app.services.report.question import Question
from app.services.working_clock import WorkingClock
from models.assignment import Assignment
from models.follow_up import FollowUp, FollowUpEntry
from models.order import Order
from models.organization import Organization
from models.result_title import ResultColour, ResultKind, ResultScope, ResultTitle
from models.sale import UNSUPPORTED, Sale
from models.tenancy.scope import actor_of, whole_organization

# The steps of the working time to the first call, by their upper end in minutes; later calls are a step of their own.
WAITS = (5, 15, 60, 240)
NOT_CALLED = len(WAITS) + 1
_MINUTE = 60


class State(Enum):
    """What became of a number."""

    BOUGHT = "bought"
    OPEN = "open"
    NEW = "new"
    LOST = "lost"
    INVALID = "invalid"

    # Numbers are counted by it several times, and the hash of an enumeration is a function in Python.
    __hash__ = object.__hash__


@dataclass(slots=True)
class Number:
    """A number; `key` is its first line in the ledger, `at` its time in seconds since 1970."""

    key: int
    member_id: int
    customer_id: int
    at: int
    calls: int = 0
    first_call: int | None = None
    result_id: int = 0
    # The days from the assignment to the first sale to this customer; None without one.
    bought_after: int | None = None
    state: State = State.NEW
    week: int = 0
    month: int = 0
    wait: int = NOT_CALLED
    # The working minutes to the first call.
    waited: int | None = None


@dataclass(frozen=True)
class Title:
    """A result title, also a deleted one."""

    title: str
    colour: ResultColour
    kind: ResultKind


def read_titles() -> dict[int, Title]:
    """The titles by id, in their order; a result of a follow-up may have one that was given to support since."""
    found = select(ResultTitle.id, ResultTitle.title, ResultTitle.colour, ResultTitle.kind)
    is_of_support = case((ResultTitle.scope == ResultScope.SUPPORT, 1), else_=0)
    found = found.order_by(is_of_support, ResultTitle.position, ResultTitle.id)
    rows = db.session.execute(found, execution_options={"with_deleted": True})
    return {key: Title(title, colour, kind) for key, title, colour, kind in rows}


def own_member_id() -> int | None:
    """The member whose figures alone are counted; None for one who reads those of the organisation."""
    actor = actor_of(db.session())
    return actor.member_id if actor.own else None


@dataclass(frozen=True)
class Part:
    """A part of the numbers: those of *members* alone, or the *most* with the largest keys below *after*."""

    after: int | None = None
    most: int | None = None
    members: Sequence[int] | None = None

    def of(self, column: Any) -> list[ColumnElement[bool]]:
        """The conditions for the column of the member."""
        return [] if self.members is None else [column.in_(self.members)]


_ALL = Part()


def read_numbers(question: Question, titles: dict[int, Title], part: Part = _ALL) -> list[Number]:
    """The numbers of *question* that the acting member may see, by their key; those of *part* alone."""
    session, member_id = db.session(), own_member_id()
    chosen = None if part.most is None else _chosen(question, member_id, part).subquery()
    orders = _orders(question, member_id, chosen).where(*part.of(Assignment.to_member_id))
    options = {"with_deleted": True}
    # Moments are read as seconds: a long range has a hundred thousand rows.
    given = orders.subquery()
    lines = select(given.c.member, given.c.customer, given.c.line, given.c.at)
    sales = _sales(question, member_id, chosen).where(*part.of(Sale.consultant_id))
    # The ledger says whose a number is; a present owner would change the past.
    with whole_organization(session):
        # A day and a year need other plans: the one for any range took four times as long for a month.
        plan_for_values()
        assigned = session.execute(lines, execution_options=options).all()
        called = session.execute(_calls(orders), execution_options=options).all()
        sold = session.execute(sales, execution_options=options).all()
    found: dict[tuple[int, int], Number] = {}
    for member, customer, key, at in assigned:
        pair = member, customer
        number = found.get(pair)
        if number is None:
            found[pair] = Number(key, member, customer, at)
        else:
            number.key, number.at = min(number.key, key), min(number.at, at)
    for member, customer, count, first, result_id in called:
        number = found[member, customer]
        number.calls, number.first_call, number.result_id = count, first, result_id
    for member, customer, at in sold:
        if bought := found.get((member, customer)):
            _note_sale(bought, at)
    _place(question, found.values(), titles)
    return sorted(found.values(), key=lambda number: number.key)


def _chosen(question: Question, member_id: int | None, part: Part) -> Select[Any]:
    """(member, customer) of the numbers of *part*."""
    member, customer, key = Assignment.to_member_id, Assignment.counted_customer_id, func.min(Assignment.id)
    pairs = select(member.label("member"), customer.label("customer"))
    statement = _in_range(pairs, question, member_id).group_by(member, customer)
    if part.after is not None:
        statement = statement.having(key < part.after)
    return statement.order_by(key.desc()).limit(part.most)


def _orders(question: Question, member_id: int | None, chosen: Any = None) -> Select[Any]:
    """(member, customer, order, first line, first time) of the lines that start in the range, of *chosen* numbers."""
    member, customer = Assignment.to_member_id, Assignment.counted_customer_id
    statement: Select[Any] = select(
        member.label("member"),
        customer.label("customer"),
        Assignment.order_id.label("order"),
        func.min(Assignment.id).label("line"),
        seconds_of(func.min(Assignment.started_at)).label("at"),
        func.min(Assignment.started_at).label("since"),
    )
    if chosen is not None:
        statement = statement.join(chosen, and_(chosen.c.member == member, chosen.c.customer == customer))
    return _in_range(statement, question, member_id).group_by(member, customer, Assignment.order_id)


def _in_range(statement: Any, question: Question, member_id: int | None) -> Select[Any]:
    """*statement* limited to the counted lines that start in the range."""
    if question.product_id is not None or question.source_id is not None:
        statement = statement.join(Order, Order.id == Assignment.order_id).where(*of_order(question))
    limited: Select[Any] = statement.where(
        within(Assignment.started_at, question.whole),
        of_organization(Assignment.to_member_id),
        Assignment.counts(),
        *of_member(Assignment.to_member_id, question, member_id),
    )
    return limited


def _calls(orders: Select[Any]) -> Select[Any]:
    """(member, customer, number of calls, first call, last result) of what was recorded while the member had the order."""
    # The scope limits a table within its own SELECT, so each use of one is a subquery.
    given, entry = orders.subquery(), FollowUpEntry
    # An undone reassignment gives the order back with a line that is not counted.
    had = select(
        Assignment.order_id, Assignment.to_member_id, Assignment.started_at, Assignment.ended_at
    ).subquery()
    calls = (
        select(
            given.c.member,
            given.c.customer,
            func.count(entry.id).label("count"),
            seconds_of(func.min(entry.at)).label("first"),
            func.max(entry.id).label("last"),
        )
        .select_from(given)
        .join(had, and_(had.c.order_id == given.c.order, had.c.to_member_id == given.c.member))
        .join(FollowUp, FollowUp.order_id == given.c.order)
        .join(
            entry,
            and_(
                entry.follow_up_id == FollowUp.id,
                entry.is_undone.is_(False),
                entry.at >= had.c.started_at,
                or_(had.c.ended_at.is_(None), entry.at < had.c.ended_at),
                entry.at >= given.c.since,
            ),
        )
        .group_by(given.c.member, given.c.customer)
        .subquery()
    )
    columns = (calls.c.member, calls.c.customer, calls.c.count, calls.c.first, entry.result_title_id)
    return select(*columns).join_from(calls, entry, entry.id == calls.c.last)


def _sales(question: Question, member_id: int | None, chosen: Any = None) -> Select[Any]:
    """(consultant, customer, time) of the sales since the begin of the range, of *chosen* numbers."""
    statement: Select[Any] = select(Sale.consultant_id, Sale.counted_customer_id, seconds_of(Sale.sold_at))
    if chosen is not None:
        of_number = chosen.c.member == Sale.consultant_id, chosen.c.customer == Sale.counted_customer_id
        statement = statement.join(chosen, and_(*of_number))
    if question.product_id is not None or question.source_id is not None:
        statement = statement.join(Order, Order.id == Sale.order_id).where(*of_order(question))
    return statement.where(
        Sale.sold_at >= question.whole.start,
        Sale.status.not_in(UNSUPPORTED),
        Sale.deleted_at.is_(None),
        *of_member(Sale.consultant_id, question, member_id),
    )


def _note_sale(number: Number, at: int) -> None:
    days = (_day(at) - _day(number.at)).days
    if days >= 0 and (number.bought_after is None or days < number.bought_after):
        number.bought_after = days


def _day(at: int) -> date:
    return datetime.fromtimestamp(at, TEHRAN).date()


def _place(question: Question, numbers: Any, titles: dict[int, Title]) -> None:
    """Write the state, the periods and the step of the first call of each number."""
    weeks, months = (_starts(question, grain) for grain in (Grain.WEEK, Grain.MONTH))
    here = db.session.get_one(Organization, actor_of(db.session()).organization_id)
    clock = WorkingClock(here, question.first, max(question.last, now().astimezone(TEHRAN).date()))
    for number in numbers:
        number.state = _state_of(number, titles)
        number.week = bisect_right(weeks, number.at) - 1
        number.month = bisect_right(months, number.at) - 1
        if number.first_call is not None:
            number.waited = clock.between(number.at, number.first_call) // _MINUTE
            number.wait = bisect_right(WAITS, number.waited)


def _starts(question: Question, grain: Grain) -> Sequence[float]:
    return [each.start.timestamp() for each in periods_of(question.first, question.last, grain)]


def _state_of(number: Number, titles: dict[int, Title]) -> State:
    if number.bought_after is not None:
        return State.BOUGHT
    if not number.calls:
        return State.NEW
    kind = titles[number.result_id].kind
    if kind is ResultKind.INVALID:
        return State.INVALID
    # A won result whose sale was cancelled or deleted is no purchase any more.
    return State.LOST if kind.closes else State.OPEN
