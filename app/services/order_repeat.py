"""Whether an order repeats an earlier one (spec 4.4): the same customer and product, not long ago, nothing sold since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from app.extensions import db
from models.order import Order
from models.sale import Sale, SaleItem, SaleStatus

Pair = tuple[Hashable, int]  # whose order, of which product

_NO_SALE = (SaleStatus.DRAFT, SaleStatus.CANCELLED, SaleStatus.REFUNDED)


@dataclass(eq=False)
class Earlier:
    """An order that a later one may repeat; one of the same batch gets its id when it is written."""

    ordered_at: datetime
    is_repeat: bool
    id: int | None = None


@dataclass
class History:
    """The earlier orders and sales of the customers at hand; orders that are placed are added as they come."""

    window: timedelta
    orders: dict[Pair, list[Earlier]] = field(default_factory=lambda: defaultdict(list))
    sales: dict[Pair, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    sold: set[int] = field(default_factory=set)

    def find_repeated(self, pair: Pair, ordered_at: datetime) -> Earlier | None:
        """The order that one of *pair* at *ordered_at* would repeat: best an original, else the nearest."""
        near = [each for each in self.orders.get(pair, ()) if self._counts(pair, each, ordered_at)]
        return min(near, key=lambda each: (each.is_repeat, abs(ordered_at - each.ordered_at)), default=None)

    def _counts(self, pair: Pair, earlier: Earlier, ordered_at: datetime) -> bool:
        if abs(ordered_at - earlier.ordered_at) > self.window or earlier.id in self.sold:
            return False
        return not any(sold_at >= earlier.ordered_at for sold_at in self.sales.get(pair, ()))


def load_history(customer_ids: Collection[int], product_ids: Collection[int], window: timedelta) -> History:
    """What is known of these customers and products; the caller holds the customers' rows."""
    history = History(window)
    orders = (
        select(Order.customer_id, Order.product_id, Order.ordered_at, Order.is_repeat, Order.id)
        .where(Order.customer_id.in_(customer_ids), Order.product_id.in_(product_ids))
        .order_by(Order.id)
    )
    for customer_id, product_id, ordered_at, is_repeat, key in db.session.execute(orders):
        history.orders[customer_id, product_id].append(Earlier(ordered_at, is_repeat, key))
    if history.orders:  # without an order there is nothing that a sale could end
        _load_sales(history, customer_ids)
    return history


def _load_sales(history: History, customer_ids: Collection[int]) -> None:
    sales = (
        select(Sale.customer_id, SaleItem.product_id, Sale.sold_at, Sale.order_id)
        .join(SaleItem, SaleItem.sale_id == Sale.id)
        .where(Sale.customer_id.in_(customer_ids), Sale.status.not_in(_NO_SALE))
    )
    for customer_id, product_id, sold_at, order_id in db.session.execute(sales):
        history.sales[customer_id, product_id].append(sold_at)
        history.sold.add(order_id)
