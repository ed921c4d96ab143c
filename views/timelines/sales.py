"""Sales and their transactions on a timeline."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, select

from app.panel.formatting import money_words
from app.panel.timeline import Event, Record, Source
from models.customer import Customer
from models.order import Order
from models.sale import Sale, SaleStatus
from models.transaction import Transaction, TransactionStatus

COLOURS = {
    SaleStatus.DRAFT: "gray",
    SaleStatus.CONFIRMED: "blue",
    SaleStatus.PARTLY_PAID: "amber",
    SaleStatus.PAID: "green",
    SaleStatus.DELIVERED: "teal",
    SaleStatus.CANCELLED: "red",
    SaleStatus.REFUNDED: "violet",
}
PAYMENT_COLOURS = {
    TransactionStatus.PENDING: "amber",
    TransactionStatus.VERIFIED: "green",
    TransactionStatus.REJECTED: "red",
    TransactionStatus.REFUNDED: "gray",
}


def _sale(row: Any) -> Event:
    return Event(
        icon="receipt",
        title=_("Sale of %(amount)s", amount=money_words(row.amount)),
        url=f"/sales/show/{row.id}",
        chip=str(row.status),
        colour=COLOURS[row.status],
        text=row.reason or "",
        by=str(row.consultant),
    )


SALES = Source(
    section="sales",
    model=Sale,
    at="sold_at",
    of={
        Customer: lambda customer: Sale.customer_id == customer["id"],
        Order: lambda order: Sale.order_id == order["id"],
    },
    event=_sale,
    reads=("amount", "status", "reason", "consultant"),
)


def _payment(row: Any) -> Event:
    return Event(
        icon="credit-card",
        title=_("Payment of %(amount)s", amount=money_words(row.amount)),
        about=str(row.method),
        url=f"/sales/show/{row.sale_id}",
        chip=str(row.status),
        colour=PAYMENT_COLOURS[row.status],
        text=row.reason or "",
        by=str(row.created_by) if row.created_by else "",
    )


def _of_order(order: Record) -> ColumnElement[bool]:
    return Transaction.sale_id.in_(select(Sale.id).where(Sale.order_id == order["id"]))


def _of_customer(customer: Record) -> ColumnElement[bool]:
    return Transaction.sale_id.in_(select(Sale.id).where(Sale.customer_id == customer["id"]))


def _in_scope(sales: Select[Any], _record: Record) -> ColumnElement[bool]:
    return sales.where(Sale.id == Transaction.sale_id).exists()


PAYMENTS = Source(
    section="sales",
    model=Transaction,
    at="at",
    of={Customer: _of_customer, Order: _of_order},
    scope=_in_scope,
    event=_payment,
    reads=("amount", "method", "status", "reason", "created_by", "sale_id"),
)
