"""The keys of the rows of a report, and the conditions of its range, filters and scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, and_, case, cast, literal_column, select

from app.extensions import db
from app.services.report.periods import Period
from app.services.report.question import Group, Question
from app.services.report.shape import Bounds, Shape
from models.member import Member
from models.order import Order
from models.tenancy.scope import actor_of

ORDER_KEYS = {Group.PRODUCT: Order.product_id, Group.SOURCE: Order.source_id}

# A question, or its form with parameters.
Asked = Question | Shape


def number(value: int) -> ColumnElement[int]:
    return literal_column(str(value), Integer)


def key_of(question: Asked, group: Group | None, member: Any, at: Any) -> ColumnElement[Any]:
    """The key of a row in *group*; *member* and *at* are the columns of its consultant and its time."""
    if group is None:
        return number(0)
    if group is Group.CONSULTANT:
        return cast(member, BigInteger)
    if group.grain is None:
        return cast(ORDER_KEYS[group], BigInteger)
    return place_of(at, question.periods(group.grain))


def place_of(at: Any, periods: Sequence[Period | Bounds]) -> ColumnElement[int]:
    """The place of the period of *at*; the bounds are instants, so that no database counts days in its own zone."""
    # By halves: a linear list of 124 days is slow to compare.
    if len(periods) > 8:
        middle = len(periods) // 2
        former, latter = periods[:middle], periods[middle:]
        return case((at < latter[0].start, place_of(at, former)), else_=place_of(at, latter) + middle)
    bounds = [(at < each.end, number(place)) for place, each in enumerate(periods[:-1])]
    last = number(len(periods) - 1)
    return case(*bounds, else_=last) if bounds else last


def within(at: Any, period: Period | Bounds) -> ColumnElement[bool]:
    return and_(at >= period.start, at < period.end)


def needs_order(question: Asked, group: Group | None) -> bool:
    return group in ORDER_KEYS or question.product_id is not None or question.source_id is not None


def of_order(question: Asked) -> list[ColumnElement[bool]]:
    """The conditions of the filters by product and source."""
    conditions = []
    if question.product_id is not None:
        conditions.append(Order.product_id == question.product_id)
    if question.source_id is not None:
        conditions.append(Order.source_id == question.source_id)
    return conditions


def of_member(column: Any, question: Asked, member_id: Any) -> list[ColumnElement[bool]]:
    """The conditions of the filter by consultant and of a member who sees their own rows."""
    return [column == each for each in (question.consultant_id, member_id) if each is not None]


def of_organization(column: Any, here: Any = None) -> ColumnElement[bool]:
    """The members of the organisation *here*, or of that of the session: the index of the ledger begins with the member."""
    if here is None:
        here = actor_of(db.session()).organization_id
    found: ColumnElement[bool] = column.in_(select(Member.id).where(Member.organization_id == here))
    return found
