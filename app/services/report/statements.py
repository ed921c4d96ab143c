"""The statements of the definitions in spec 4.5, each with a row for each key of a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    CompoundSelect,
    Select,
    and_,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from app.services.report.keys import (
    ORDER_KEYS,
    Asked,
    key_of,
    needs_order,
    number,
    of_member,
    of_order,
    of_organization,
    within,
)
from app.services.report.question import Group
from app.services.report.shape import Shape
from app.services.report.summary import is_summed, lines_by, numbers
from models.assignment import Assignment
from models.order import Order
from models.sale import Sale, SaleStatus

_ZERO = literal_column("0", BigInteger)


@lru_cache(maxsize=200)
def statement_of(shape: Shape) -> CompoundSelect[Any]:
    """The statement of (key, count, second count, amount, group, kind) for a form of question; the group None is the total.

    It is built once: the scope and the compiler cache their work for a statement that they have seen.
    """
    return union_all(*_statements(shape, shape.groups, shape.member_id))


def _statements(asked: Asked, groups: Sequence[Group | None], member_id: Any) -> list[Select[Any]]:
    by_place = dict(enumerate(groups))
    summed = {place: group for place, group in by_place.items() if is_summed(asked, group)}
    lines = lines_by(asked, summed, member_id) if summed else None
    sold = None if asked.same_numbers else sold_by(asked, by_place, member_id)
    found = []
    for place, group in by_place.items():
        branches = (
            _numbers(asked, group, member_id)
            if lines is None or place not in summed
            else numbers(asked, group, member_id, lines, place),
            _held(asked, group, member_id),
            _sales_of_numbers(asked, group, member_id) if sold is None else _sales(sold, place),
        )
        # The driver parses a statement of more than 4,096 characters anew each time.
        found += [branch.add_columns(number(place), number(kind)) for kind, branch in enumerate(branches)]
    return found


def pairs(question: Asked, group: Group | None, member_id: Any) -> Select[Any]:
    """Distinct (key, member, customer) of the lines of the ledger that start in the range.

    Each line counts: an order that is held gets no line before it is decided on.
    """
    member, customer = Assignment.to_member_id, Assignment.counted_customer_id
    key = key_of(question, group, member, Assignment.started_at)
    statement = select(key.label("key"), member.label("member"), customer.label("customer"))
    if needs_order(question, group):
        statement = statement.join(Order, Order.id == Assignment.order_id).where(*of_order(question))
    return statement.where(
        within(Assignment.started_at, question.whole),
        of_organization(member, question.organization_id if isinstance(question, Shape) else None),
        Assignment.counts(),
        *of_member(member, question, member_id),
    ).distinct()


def _numbers(question: Asked, group: Group | None, member_id: Any) -> Select[Any]:
    each = pairs(question, group, member_id).subquery()
    customers = func.count(each.c.customer.distinct())
    return select(
        each.c.key, func.count().label("count"), customers.label("second"), _ZERO.label("amount")
    ).group_by(each.c.key)


def held_orders(question: Asked, group: Group | None, member_id: Any) -> Select[Any]:
    """(key, id) of the repeats by the moment they were held, for the consultant of the first order at that moment."""
    key = key_of(question, group, Order.held_for_id, Order.held_at)
    return (
        select(key.label("key"), Order.id)
        .select_from(Order)
        .where(
            within(Order.held_at, question.whole),
            *of_order(question),
            *of_member(Order.held_for_id, question, member_id),
        )
    )


def _held(question: Asked, group: Group | None, member_id: Any) -> Select[Any]:
    each = held_orders(question, group, member_id).subquery()
    return select(
        each.c.key, func.count().label("count"), _ZERO.label("second"), _ZERO.label("amount")
    ).group_by(each.c.key)


def counted_sales(question: Asked, group: Group | None, member_id: Any) -> Select[Any]:
    """(key, id, status, amount) of the sales that the question counts."""
    if not question.same_numbers:
        key = key_of(question, group, Sale.consultant_id, Sale.sold_at)
        statement = sales_of_range(question, member_id, key.label("key"), Sale.id)
    else:
        chosen = pairs(question, group, member_id).subquery()
        statement = select(chosen.c.key, Sale.id, Sale.status, Sale.amount).join(
            chosen,
            and_(chosen.c.member == Sale.consultant_id, chosen.c.customer == Sale.counted_customer_id),
        )
        statement = statement.where(*_IS_SALE)
        if group in ORDER_KEYS:
            statement = statement.where(ORDER_KEYS[group].is_not_distinct_from(chosen.c.key))
    if needs_order(question, group):
        statement = statement.join(Order, Order.id == Sale.order_id).where(*of_order(question))
    return statement


# Deleted orders are read, deleted sales are not: a sale in the trash is none.
_IS_SALE = (Sale.is_supported(), Sale.deleted_at.is_(None))


def sales_of_range(question: Asked, member_id: Any, *columns: Any) -> Select[Any]:
    """*columns*, status and amount of the sales in the range."""
    return select(*columns, Sale.status, Sale.amount).where(
        within(Sale.sold_at, question.whole), *of_member(Sale.consultant_id, question, member_id), *_IS_SALE
    )


def _sales_of_numbers(question: Asked, group: Group | None, member_id: Any) -> Select[Any]:
    """The sales of the pairs of each row, whatever their time; a sale may count in several rows."""
    each = counted_sales(question, group, member_id).subquery()
    return _sold((each.c.key,), each.c.status, each.c.amount).group_by(each.c.key)


def sold_by(question: Asked, groups: Mapping[int, Group | None], member_id: Any) -> CTE:
    """The sales of the range by all *groups* at once: a key for each of them, «key_0» and so on."""
    keys = [
        key_of(question, group, Sale.consultant_id, Sale.sold_at).label(f"key_{place}")
        for place, group in groups.items()
    ]
    statement = sales_of_range(question, member_id, *keys)
    if any(needs_order(question, group) for group in groups.values()):
        statement = statement.join(Order, Order.id == Sale.order_id).where(*of_order(question))
    each = statement.subquery()
    names = [each.c[key.name] for key in keys]
    return _sold(names, each.c.status, each.c.amount).group_by(*names).cte("sold")


def _sold(keys: Sequence[Any], status: Any, amount: Any) -> Select[Any]:
    return select(
        *keys,
        func.count().label("count"),
        func.count().filter(status == SaleStatus.REFUNDED).label("second"),
        cast(func.sum(amount), BigInteger).label("amount"),
    )


def _sales(sold: CTE, place: int) -> Select[Any]:
    key = sold.c[f"key_{place}"]
    sums = [
        cast(func.sum(each), BigInteger).label(each.name)
        for each in (sold.c.count, sold.c.second, sold.c.amount)
    ]
    return select(key.label("key"), *sums).group_by(key)
