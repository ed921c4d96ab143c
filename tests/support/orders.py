"""Orders, sales and imports as the tests of repeats need them: by days from one moment."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, select

from app.extensions import db
from app.lib.clock import now
from app.services.imports.describe import describe
from app.services.imports.jobs import queue_import, receive_file
from app.services.imports.run import run_import
from app.services.order.place import place_order
from models.customer import Customer
from models.job import ImportJob
from models.order import Order, OrderStatus
from models.product import Product
from models.sale import Sale, SaleItem, SaleStatus
from tests.support.beside import COLLEAGUES_MOBILES

MOBILE = "+989121234567"
NOW = now()


def place(product: Product, *, day: float = 0, mobile: str = MOBILE, **fields: Any) -> Order:
    ordered_at = NOW + timedelta(days=day)
    return place_order(customer_fields={"mobile": mobile}, product=product, ordered_at=ordered_at, **fields)


def sell(
    order: Order, *, day: float, product: Product | None = None, status: SaleStatus = SaleStatus.CONFIRMED
) -> Sale:
    sold_at = NOW + timedelta(days=day)
    fields = {"customer_id": order.customer_id, "consultant_id": order.created_by_id, "amount": 1}
    sale = Sale(order=order, sold_at=sold_at, status=status, **fields)
    db.session.add(sale)
    db.session.flush()
    db.session.add(SaleItem(sale=sale, product_id=(product or order.product).id, amount=1))
    db.session.flush()
    return sale


def take_in(content: str | bytes, name: str = "orders.csv") -> ImportJob:
    data = content.encode() if isinstance(content, str) else content
    job = receive_file(BytesIO(data), name=name, client_token=uuid4())
    queue_import(job, describe(job).mapping)
    for _step in run_import(job):
        db.session.commit()
    return job


State = tuple[OrderStatus, bool, int | None]

_COLLEAGUES = Order.customer_id.in_(select(Customer.id).where(Customer.mobile.in_(COLLEAGUES_MOBILES)))


def living() -> list[State]:
    """The orders of the test that are not deleted."""
    return _states(~_COLLEAGUES)


def colleagues_orders() -> list[State]:
    """The orders of the further consultant of `colleagues_rows`."""
    return _states(_COLLEAGUES)


def _states(condition: ColumnElement[bool]) -> list[State]:
    db.session.expire_all()
    orders = db.session.scalars(select(Order).where(condition).order_by(Order.id)).all()
    return [(order.status, order.is_repeat, order.repeat_of_id) for order in orders]
