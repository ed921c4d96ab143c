"""The statements of the definitions in spec 4.5, each with a row for each key of a group."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, CompoundSelect, Select, and_, cast, func, select, union_all

from app.services.report.grouping import ZERO, Groups, Measures, count_rows, keys_of, sums_by_key
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
from app.services.report.summary import is_summed, lines_of_days, repeats_by_key, sum_of_lines
from models.assignment import Assignment
from models.order import Order
from models.sale import Sale, SaleStatus


class Kind(IntEnum):
    """What a row of `statement_of` counts."""

    LINES = 0  # of the ledger
    NUMBERS = 1  # or how many to take off the lines
    HELD = 2
    SALES = 3
    SALES_OF_NUMBERS = 4


# What has no row for the total, since the rows of any other group add up to it.
ADDS_UP = frozenset({Kind.LINES, Kind.HELD, Kind.SALES})


@lru_cache(maxsize=200)
def statement_of(shape: Shape, *, has_sets: bool) -> CompoundSelect[Any]:
    """The statement of (place of the group, key, kind, count, second count, amount) for a form of question.

    The group None is the total. Several rows of one key are to be added up. The statement is built once: the scope and
    the compiler cache their work for a statement that they have seen. See `sums_by_key` for *has_sets*.
    """
    return union_all(*_statements(shape, has_sets=has_sets))


def _statements(asked: Shape, *, has_sets: bool) -> list[Select[Any]]:
    member_id, groups = asked.member_id, dict(enumerate(asked.groups))
    summed = {place: group for place, group in groups.items() if is_summed(asked, group)}
    found = [
        _numbers(asked, group, place, member_id) for place, group in groups.items() if place not in summed
    ]
    adding: list[tuple[Kind, Groups, Select[Any], Measures]] = []
    if summed:
        found += repeats_by_key(asked, summed, Kind.NUMBERS, member_id, has_sets=has_sets)
        parts = _without_total(summed)
        adding.append((Kind.LINES, parts, lines_of_days(asked, parts, member_id), sum_of_lines))
    parts = _without_total(groups)
    adding.append((Kind.HELD, parts, _held(asked, parts, member_id), count_rows))
    if asked.same_numbers:
        found += [_sales_of_numbers(asked, group, place, member_id) for place, group in groups.items()]
    else:
        adding.append((Kind.SALES, parts, _sold(asked, parts, member_id), _sums_of_sales))
    for kind, parts, rows, measures in adding:
        found += sums_by_key(rows, parts, kind, measures, has_sets=has_sets)
    return found


def _without_total(groups: Groups) -> Groups:
    """*groups* without the total, unless it is alone."""
    return {place: group for place, group in groups.items() if group is not None} or groups


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


def _numbers(question: Asked, group: Group | None, place: int, member_id: Any) -> Select[Any]:
    each = pairs(question, group, member_id).subquery()
    customers = func.count(each.c.customer.distinct())
    return select(number(place), each.c.key, number(Kind.NUMBERS), func.count(), customers, ZERO).group_by(
        each.c.key
    )


def held_orders(question: Asked, group: Group | None, member_id: Any) -> Select[Any]:
    """(key, id) of the repeats by the moment they were held, for the consultant of the first order at that moment."""
    key = key_of(question, group, Order.held_for_id, Order.held_at)
    return _held_in_range(question, member_id, key.label("key"), Order.id)


def _held(question: Asked, groups: Groups, member_id: Any) -> Select[Any]:
    return _held_in_range(question, member_id, *keys_of(question, groups, Order.held_for_id, Order.held_at))


def _held_in_range(question: Asked, member_id: Any, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Order)
        .where(
            within(Order.held_at, question.whole),
            *of_order(question),
            *of_member(Order.held_for_id, question, member_id),
        )
    )


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


def _sales_of_numbers(question: Asked, group: Group | None, place: int, member_id: Any) -> Select[Any]:
    """The sales of the pairs of each row, whatever their time; a sale may count in several rows."""
    each = counted_sales(question, group, member_id).subquery()
    return select(number(place), each.c.key, number(Kind.SALES_OF_NUMBERS), *_sums_of_sales(each.c)).group_by(
        each.c.key
    )


def _sold(question: Asked, groups: Groups, member_id: Any) -> Select[Any]:
    """The sales of the range with the keys of all *groups*."""
    keys = keys_of(question, groups, Sale.consultant_id, Sale.sold_at)
    statement = sales_of_range(question, member_id, *keys)
    if any(needs_order(question, group) for group in groups.values()):
        statement = statement.join(Order, Order.id == Sale.order_id).where(*of_order(question))
    return statement


def _sums_of_sales(columns: Any) -> tuple[Any, Any, Any]:
    refunded = func.count().filter(columns.status == SaleStatus.REFUNDED)
    amount = cast(func.sum(columns.amount), BigInteger)
    return func.count().label("count"), refunded.label("second"), amount.label("amount")
