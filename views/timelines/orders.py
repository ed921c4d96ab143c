"""Orders and their changes of owner on a timeline."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, or_

from app.panel.timeline import Event, Record, Source
from models.assignment import Assignment
from models.customer import Customer
from models.follow_up import FollowUp
from models.order import Order, OrderStatus
from models.sale import Sale

COLOURS = {
    OrderStatus.NEW: "amber",
    OrderStatus.ASSIGNED: "blue",
    OrderStatus.WON: "green",
    OrderStatus.LOST: "red",
    OrderStatus.INVALID: "gray",
    OrderStatus.HELD: "violet",
    OrderStatus.ATTACHED: "teal",
}


def _order(row: Any) -> Event:
    is_attached = row.status is OrderStatus.ATTACHED
    return Event(
        icon="copy" if is_attached else "shopping-cart",
        title=_("Ordered again: %(product)s", product=row.product)
        if is_attached
        else _("Order of %(product)s", product=row.product),
        url=f"/orders/show/{row.id}",
        chip=str(row.status),
        colour=COLOURS[row.status],
        text=row.note or "",
        by=str(row.source) if row.source else "",
    )


def _with_attached(order_id: Any) -> ColumnElement[bool]:
    """The order, and the orders that were attached to its follow-up."""
    attached = and_(Order.repeat_of_id == order_id, Order.status == OrderStatus.ATTACHED)
    return or_(Order.id == order_id, attached)


ORDERS = Source(
    section="orders",
    model=Order,
    at="ordered_at",
    of={
        Customer: lambda customer: Order.customer_id == customer["id"],
        Order: lambda order: _with_attached(order["id"]),
        FollowUp: lambda follow_up: _with_attached(follow_up["order_id"]),
        Sale: lambda sale: _with_attached(sale["order_id"]),
    },
    event=_order,
    reads=("product", "status", "note", "source"),
)


def _assignment(row: Any) -> Event:
    if row.to_member is None:
        words = _("Assignment to %(by)s taken back", by=row.from_member)
    elif row.from_member is None:
        words = _("Assigned to %(to)s", to=row.to_member)
    else:
        words = _("Reassigned from %(by)s to %(to)s", by=row.from_member, to=row.to_member)
    return Event(icon="users", title=words, by=str(row.by) if row.by else "", is_small=True)


def _in_scope(orders: Select[Any], _record: Record) -> ColumnElement[bool]:
    return orders.where(Order.id == Assignment.order_id).exists()


ASSIGNMENTS = Source(
    section="orders",
    model=Assignment,
    at="started_at",
    of={
        Customer: lambda customer: Assignment.customer_id == customer["id"],
        Order: lambda order: Assignment.order_id == order["id"],
        FollowUp: lambda follow_up: Assignment.order_id == follow_up["order_id"],
    },
    scope=_in_scope,
    event=_assignment,
    reads=("from_member", "to_member", "by"),
)
