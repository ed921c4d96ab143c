"""What the tests of orders share."""

from datetime import timedelta

from app.lib.clock import now
from app.services.order.place import place_order
from models.order import Order
from models.product import Product

MOBILE = "+989121234567"


def place(product: Product, *, days_ago: float = 0, mobile: str = MOBILE, **fields) -> Order:
    ordered_at = now() - timedelta(days=days_ago)
    return place_order(customer_fields={"mobile": mobile, **fields}, product=product, ordered_at=ordered_at)
