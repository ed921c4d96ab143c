"""Changes the product of an order, with that of its follow-up."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from models.follow_up import FollowUp
from models.order import Order, OrderStatus
from models.product import Product


def change_product(order: Order, product: Product) -> None:
    """Set the product of *order* and of its follow-up; raises `DomainError` for an order that is sold."""
    if order.product_id == product.id:
        return
    if order.status is OrderStatus.WON:
        raise DomainError(_("This order is sold; its product stays."), field="product")
    order.product = product
    # The follow-up copies the product, so that its list is filtered without a join.
    follow_up = db.session.scalar(select(FollowUp).where(FollowUp.order_id == order.id))
    if follow_up is not None:
        follow_up.product = product
