"""The sales of the demo's won orders: their items, payments in all states, and the support after the purchase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.services.demo.draw import Draw
from app.services.demo.insert import insert_rows
from app.services.demo.plan import Plan
from app.services.demo.sales.shares import (
    BANKS,
    CALLED_AFTER,
    CANCELLED,
    DISCOUNTS,
    FRESH,
    HELPED,
    METHODS,
    OLD,
    PLAIN,
    REFUNDED,
    SETTLED_AFTER,
    STEP,
    SUPPORT,
    SUPPORT_NOTES,
    WAITS_FOR,
    WITHOUT_REFERENCE,
)
from models.follow_up import FollowUpStatus
from models.result_title import ResultScope, ResultTitle
from models.sale import Sale, SaleItem, SaleStatus
from models.support import SupportEntry
from models.transaction import PaymentMethod, Transaction, TransactionStatus


@dataclass(frozen=True)
class _Payment:
    """Part of the amount of a sale, with its state."""

    amount: int
    status: TransactionStatus


@dataclass(slots=True)
class SoldOrder:
    """The values of the sale of an order, of its item, and of its payments and support."""

    order: dict[str, Any]
    sale: dict[str, Any]
    item: dict[str, Any]
    payments: list[dict[str, Any]] = field(default_factory=list)
    support: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Seller:
    """Sells what was won in an organisation; `manager` decides on the payments, `agent` supports."""

    draw: Draw
    prices: Mapping[int, int]
    manager: int
    agent: int

    def __post_init__(self) -> None:
        found = select(ResultTitle.title, ResultTitle.id).where(ResultTitle.scope == ResultScope.SUPPORT)
        self._titles = {row.title: row.id for row in db.session.execute(found)}
        self._plain = PLAIN
        self._references = count(41_300_217, 37)

    def draw_sales(self, orders: Sequence[dict[str, Any]], plans: Sequence[Plan]) -> list[SoldOrder]:
        """A sale for each follow-up that was won; nothing is written yet."""
        return [
            self._sold(order, plan)
            for order, plan in zip(orders, plans, strict=True)
            if plan.follow_up["status"] is FollowUpStatus.WON
        ]

    def _sold(self, order: dict[str, Any], plan: Plan) -> SoldOrder:
        sale = self._sale(order, plan)
        is_plain, self._plain = self._plain > 0, self._plain - 1
        if is_plain:
            return SoldOrder(order, sale, self._item(sale, order))
        payments = self._pay(sale)
        return SoldOrder(order, sale, self._item(sale, order), payments, self._support(sale))

    def _sale(self, order: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
        subtotal = self.prices[order["product_id"]] * order["quantity"]
        discount = subtotal * DISCOUNTS.pick(self.draw.random) // 100
        sold_at = plan.follow_up["last_entry_at"]
        return {
            "consultant_id": plan.follow_up["consultant_id"],
            "amount": subtotal - discount,
            "discount": discount,
            "paid": 0,
            "balance": subtotal - discount,
            "status": SaleStatus.CONFIRMED,
            "reason": None,
            "sold_at": sold_at,
            "created_at": sold_at,
            "last_support_result_id": None,
            "support_next_at": None,
        }

    def _item(self, sale: Mapping[str, Any], order: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "product_id": order["product_id"],
            "quantity": order["quantity"],
            "price": self.prices[order["product_id"]],
            "amount": sale["amount"] + sale["discount"],
            "position": 1,
        }

    def _pay(self, sale: dict[str, Any]) -> list[dict[str, Any]]:
        """Draw the state of *sale*, and return the payments that lead to it."""
        random = self.draw.random
        is_old = self.draw.calendar.age_of(sale["sold_at"]) > SETTLED_AFTER
        status = (OLD if is_old else FRESH).pick(random)
        reason = {SaleStatus.CANCELLED: CANCELLED, SaleStatus.REFUNDED: REFUNDED}.get(status)
        sale["status"], sale["reason"] = status, reason and reason.pick(random)
        parts = self._parts(sale["amount"], status)
        sale["paid"] = sum(each.amount for each in parts if each.status is TransactionStatus.VERIFIED)
        sale["balance"] = sale["amount"] - sale["paid"]
        return [self._transaction(sale, each) for each in parts]

    def _parts(self, amount: int, status: SaleStatus) -> list[_Payment]:
        verified, pending = TransactionStatus.VERIFIED, TransactionStatus.PENDING
        first = amount * self.draw.random.randrange(30, 70) // 100 // STEP * STEP
        is_split = self.draw.random.random() < 0.4 and first > 0
        if status is SaleStatus.PARTLY_PAID:
            rest = [_Payment(amount - first, pending)] if is_split else []
            return [_Payment(first or STEP, verified), *rest]
        if status in {SaleStatus.PAID, SaleStatus.DELIVERED}:
            parts = (first, amount - first) if is_split else (amount,)
            return [_Payment(part, verified) for part in parts]
        if status is SaleStatus.REFUNDED:
            return [_Payment(amount, TransactionStatus.REFUNDED)]
        return [_Payment(amount, pending)] if status is SaleStatus.CONFIRMED and is_split else []

    def _transaction(self, sale: Mapping[str, Any], part: _Payment) -> dict[str, Any]:
        random, start = self.draw.random, self.draw.start
        method = METHODS.pick(random)
        is_cheque, is_decided = method is PaymentMethod.CHEQUE, part.status is not TransactionStatus.PENDING
        at = self.draw.calendar.call(sale["sold_at"], most_days=3) or start
        return {
            "method": method,
            "amount": part.amount,
            "reference": None if method in WITHOUT_REFERENCE else str(next(self._references)),
            "bank": random.choice(BANKS) if is_cheque else None,
            "due_on": (at + timedelta(days=30)).date() if is_cheque else None,
            "at": at,
            "created_at": at,
            "created_by_id": sale["consultant_id"],
            "status": part.status,
            "reason": sale["reason"],
            "decided_by_id": self.manager if is_decided else None,
            "decided_at": min(at + timedelta(hours=2), start) if is_decided else None,
        }

    def _support(self, sale: dict[str, Any]) -> list[dict[str, Any]]:
        """The support entries of *sale*, if there are any, and the last of them in the sale itself."""
        random, calendar = self.draw.random, self.draw.calendar
        if calendar.age_of(sale["sold_at"]) < CALLED_AFTER or random.random() < 0.35:
            return []
        entries: list[dict[str, Any]] = []
        at: datetime | None = sale["sold_at"]
        for _number in range(random.choice((1, 1, 2))):
            at = calendar.call(at, most_days=12) if at is not None else None
            if at is not None:
                entries.append(self._entry(at))
        if entries:
            last = entries[-1]
            sale["last_support_result_id"], sale["support_next_at"] = last["result_title_id"], last["next_at"]
        return entries

    def _entry(self, at: datetime) -> dict[str, Any]:
        random, calendar = self.draw.random, self.draw.calendar
        is_open = calendar.age_of(at) < WAITS_FOR
        title = SUPPORT.pick(random) if is_open else HELPED
        return {
            "result_title_id": self._titles[title],
            "note": SUPPORT_NOTES[title].pick(random),
            "next_at": None if title == HELPED else calendar.next_contact(),
            "at": at,
            "by_id": self.agent,
        }


def write_sales(found: Sequence[SoldOrder], *, at: datetime) -> None:
    """Insert sales whose orders are written."""
    for each in found:
        customer = each.order["customer_id"]
        each.sale |= {"order_id": each.order["id"], "customer_id": customer, "counted_customer_id": customer}
    insert_rows(Sale, [each.sale for each in found], at=at)
    insert_rows(SaleItem, [{"sale_id": each.sale["id"], **each.item} for each in found], at=at)
    payments = [{"sale_id": each.sale["id"], **row} for each in found for row in each.payments]
    insert_rows(Transaction, payments, at=at)
    support = [
        {"sale_id": each.sale["id"], "customer_id": each.sale["customer_id"], **row}
        for each in found
        for row in each.support
    ]
    insert_rows(SupportEntry, support, at=at)
