"""Repeated orders (spec 4.4): same customer and product, within the window, no sale in between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update

from app.extensions import db
from app.lib.clock import now
from app.services.bulk import among
from models.customer import Customer
from models.follow_up import FollowUp, FollowUpStatus
from models.order import Order, RepeatDecision
from models.organization import Organization
from models.sale import Sale, SaleItem, SaleStatus

WORKED_ON = (FollowUpStatus.OPEN, FollowUpStatus.WAITING)

Pair = tuple[Hashable, int]  # whose order, of which product

_NO_SALE = (SaleStatus.DRAFT, SaleStatus.CANCELLED, SaleStatus.REFUNDED)


@dataclass(eq=False)
class Earlier:
    """An order that a later one may repeat; `id` is None until it is written."""

    ordered_at: datetime
    is_repeat: bool
    id: int | None = None


@dataclass
class History:
    """Earlier orders and sales of some customers; the caller adds orders as it places them."""

    window: timedelta
    # Whether an order after a sale is a purchase of its own.
    sale_ends: bool = True
    orders: dict[Pair, list[Earlier]] = field(default_factory=lambda: defaultdict(list))
    sales: dict[Pair, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    # By order, since a sale may be of another product than its order.
    sold: dict[int, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    def find_repeated(self, pair: Pair, ordered_at: datetime) -> Earlier | None:
        """The order that one of *pair* at *ordered_at* repeats: originals first, then the nearest."""
        near = [each for each in self.orders.get(pair, ()) if self.counts(pair, each, ordered_at)]
        return min(near, key=lambda each: (each.is_repeat, abs(ordered_at - each.ordered_at)), default=None)

    def counts(self, pair: Pair, earlier: Earlier, ordered_at: datetime) -> bool:
        """Whether the two orders lie within the window, and no sale lies between them."""
        first, last = sorted((earlier.ordered_at, ordered_at))
        if last - first > self.window:
            return False
        if first == last or not self.sale_ends:
            return True
        sold = self.sold.get(earlier.id, []) if earlier.id is not None else []
        return not any(first <= sold_at <= last for sold_at in [*self.sales.get(pair, ()), *sold])


def history_of(organization: Organization) -> History:
    """An empty history with the rules of *organization*."""
    return History(timedelta(days=organization.repeat_window_days), organization.sale_ends_repeat)


def load_history(
    customer_ids: Collection[int], product_ids: Collection[int], organization: Organization
) -> History:
    """The history of these customers and products; the caller has locked the customers."""
    history = history_of(organization)
    if not customer_ids:
        return history
    orders = (
        select(Order.customer_id, Order.product_id, Order.ordered_at, Order.is_repeat, Order.id)
        .where(among(Order.customer_id, customer_ids), Order.product_id.in_(product_ids))
        .order_by(Order.id)
    )
    for customer_id, product_id, ordered_at, is_repeat, key in db.session.execute(orders):
        history.orders[customer_id, product_id].append(Earlier(ordered_at, is_repeat, key))
    if history.orders:  # without an order there is nothing that a sale could end
        load_sales(history, customer_ids)
    return history


def load_sales(history: History, customer_ids: Collection[int]) -> None:
    """Add the sales of these customers to *history*."""
    sales = (
        select(Sale.customer_id, SaleItem.product_id, Sale.sold_at, Sale.order_id)
        .join(SaleItem, SaleItem.sale_id == Sale.id)
        .where(among(Sale.customer_id, customer_ids), Sale.status.not_in(_NO_SALE))
    )
    for customer_id, product_id, sold_at, order_id in db.session.execute(sales):
        history.sales[customer_id, product_id].append(sold_at)
        history.sold[order_id].append(sold_at)


def orders_worked_on(customer_ids: Collection[int]) -> frozenset[int]:
    """The ids of the customers' orders with an open follow-up."""
    if not customer_ids:
        return frozenset()
    statement = select(FollowUp.order_id).where(
        among(FollowUp.customer_id, customer_ids), FollowUp.status.in_(WORKED_ON)
    )
    return frozenset(db.session.scalars(statement))


def consultants_of(order_ids: Collection[int]) -> dict[int, int]:
    """The consultants who work on the orders with *order_ids*, by the order."""
    statement = select(FollowUp.order_id, FollowUp.consultant_id).where(among(FollowUp.order_id, order_ids))
    return {row.order_id: row.consultant_id for row in db.session.execute(statement)}


def lock_customers(customer_ids: Collection[int]) -> None:
    """Lock the customers, as placing orders does, in the order of imports (avoids deadlocks)."""
    statement = select(Customer.id).where(Customer.id.in_(customer_ids)).order_by(Customer.mobile)
    locked = statement.with_for_update(key_share=True, of=Customer)
    db.session.execute(locked, execution_options={"with_deleted": True}).all()


def mark_same_consultant(keys: Collection[int]) -> None:
    """Mark the repeats with *keys* as given to the consultants of their first orders by the policy."""
    values = {"repeat_decision": RepeatDecision.SAME_CONSULTANT, "decided_at": now()}
    if keys:
        statement = update(Order).where(Order.id.in_(keys)).values(**values)
        db.session.execute(statement.execution_options(synchronize_session=False))
