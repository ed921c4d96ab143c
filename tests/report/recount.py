"""The figures again: slowly, row by row, in plain Python, and with definitions of their own."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import jdatetime
from sqlalchemy import select

from app.extensions import db
from app.services.report.question import Figures, Group, Question
from models.assignment import Assignment
from models.order import Order
from models.sale import Sale, SaleStatus

TEHRAN = ZoneInfo("Asia/Tehran")


@dataclass(frozen=True)
class Held:
    """A repeat that was held on arrival, as the test saw it happen."""

    order_id: int
    at: datetime
    consultant_id: int | None


def day_of(moment: datetime) -> date:
    return moment.astimezone(TEHRAN).date()


def period_of(day: date, group: Group) -> object:
    """What names the period of a day in the calendar, without the product's own arithmetic."""
    jalali = jdatetime.date.fromgregorian(date=day)
    if group is Group.DAY:
        return day
    if group is Group.MONTH:
        return jalali.year, jalali.month
    return day - timedelta(days=jalali.weekday())


def rows_of(model):
    return db.session.scalars(
        select(model).order_by(model.id), execution_options={"with_deleted": True}
    ).all()


class Recount:
    """The rows of one moment, from which every question is answered."""

    def __init__(self, held: list[Held], member_id: int | None = None) -> None:
        db.session.expire_all()
        self.lines, self.sales = rows_of(Assignment), rows_of(Sale)
        self.orders = {order.id: order for order in rows_of(Order)}
        self.held, self.member_id = held, member_id

    def total(self, asked: Question) -> tuple[int, ...]:
        return astuple(self._figures(asked, [None]).get(None, Figures()))

    def table(self, asked: Question, group: Group) -> dict[object, tuple[int, ...]]:
        return {key: astuple(each) for key, each in self._figures(asked, group).items()}

    def _figures(self, asked, group) -> dict[object, Figures]:
        found: dict[object, Figures] = {}
        pairs: dict[object, set[tuple[int, int]]] = {}
        for line in self.lines:
            if line.to_member_id is None or line.undone_at is not None or line.undoes_id is not None:
                continue
            if self._fits(asked, line.started_at, line.to_member_id, line.order_id):
                key = self._key(asked, group, line.started_at, line.to_member_id, line.order_id)
                pairs.setdefault(key, set()).add((line.to_member_id, line.counted_customer_id))
        for key, each in pairs.items():
            row = found.setdefault(key, Figures())
            row.numbers, row.customers = len(each), len({customer for _member, customer in each})
        for one in self.held:
            if self._fits(asked, one.at, one.consultant_id, one.order_id):
                key = self._key(asked, group, one.at, one.consultant_id, one.order_id)
                found.setdefault(key, Figures()).held += 1
        for sale in self.sales:
            for key in self._keys_of(sale, asked, group, pairs):
                row = found.setdefault(key, Figures())
                row.sales += 1
                row.amount += sale.amount
                row.refunded += sale.status is SaleStatus.REFUNDED
        return found

    def _keys_of(self, sale, asked, group, pairs) -> list[object]:
        if sale.deleted_at is not None or sale.status in {SaleStatus.DRAFT, SaleStatus.CANCELLED}:
            return []
        if not asked.same_numbers:
            fits = self._fits(asked, sale.sold_at, sale.consultant_id, sale.order_id)
            return [self._key(asked, group, sale.sold_at, sale.consultant_id, sale.order_id)] if fits else []
        if not self._is_of_order(asked, sale.order_id):
            return []
        keys = [key for key, each in pairs.items() if (sale.consultant_id, sale.counted_customer_id) in each]
        order = self.orders[sale.order_id]
        own = {Group.PRODUCT: order.product_id, Group.SOURCE: order.source_id}
        return (
            [key for key in keys if group not in own or own[group] == key]
            if isinstance(group, Group)
            else keys
        )

    def _fits(self, asked, at, consultant_id, order_id) -> bool:
        wanted = {asked.consultant_id, self.member_id} - {None}
        is_theirs = all(each == consultant_id for each in wanted)
        return is_theirs and asked.first <= day_of(at) <= asked.last and self._is_of_order(asked, order_id)

    def _is_of_order(self, asked, order_id) -> bool:
        order = self.orders[order_id]
        return asked.product_id in {None, order.product_id} and asked.source_id in {None, order.source_id}

    def _key(self, asked, group, at, consultant_id, order_id) -> object:
        if not isinstance(group, Group):
            return None
        order = self.orders[order_id]
        known = {
            Group.CONSULTANT: consultant_id,
            Group.PRODUCT: order.product_id,
            Group.SOURCE: order.source_id,
        }
        return known[group] if group in known else period_of(day_of(at), group)
