"""The keys of the rows of a report, and the conditions of its range, filters and scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, and_, case, cast, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.extensions import db
from app.services.report.periods import Grain, Period
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
    return place_of(at, question, group.grain)


def place_of(at: Any, question: Asked, grain: Grain) -> ColumnElement[int]:
    """The place of the period of *at*; the bounds are instants, so that no database counts days in its own zone."""
    later = [each.start for each in question.periods(grain)[1:]]
    return place_among(at, question.later(grain), *later) if later else number(0)


class place_among(FunctionElement[int]):  # noqa: N801 - reads like a function of SQL
    """How many of the *starts*, which are sorted, do not lie after *at*; *all_starts* are the same as one array."""

    inherit_cache = True
    type = Integer()

    def __init__(self, at: Any, all_starts: Any, *starts: Any) -> None:
        super().__init__(at, all_starts, *starts)


@compiles(place_among)
def _write_cases(element: Any, compiler: Any, **options: Any) -> str:
    at, _all_starts, *starts = element.clauses
    return str(compiler.process(_cases(at, starts), **options))


# One parameter, however many periods: SQLAlchemy, the driver and the database read each parameter.
@compiles(place_among, "postgresql")
def _write_bucket(element: Any, compiler: Any, **options: Any) -> str:
    at, all_starts, *_starts = element.clauses
    return f"width_bucket({compiler.process(at, **options)}, {compiler.process(all_starts, **options)})"


def _cases(at: Any, starts: Sequence[Any]) -> ColumnElement[int]:
    # By halves: a linear list of 124 days is slow to compare.
    if len(starts) > 7:
        middle = len(starts) // 2
        latter = _cases(at, starts[middle + 1 :]) + number(middle + 1)
        return case((at < starts[middle], _cases(at, starts[:middle])), else_=latter)
    return case(
        *((at < start, number(place)) for place, start in enumerate(starts)), else_=number(len(starts))
    )


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
