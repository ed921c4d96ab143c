"""Sales, added as confirmed in the transaction of a won result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.lib.money import MOST
from app.services.sale.address import add_address, default_address
from models.customer import Address
from models.follow_up import FollowUp
from models.product import Product
from models.sale import Sale, SaleItem, SaleStatus

# A paper may be dated by a clock that is ahead.
_GRACE = timedelta(days=1)


class BadSale(DomainError):
    """An invalid quantity, amount or discount."""


@dataclass(frozen=True)
class Sold:
    """A product of a sale; `price` is in rials, for one piece."""

    product: Product
    price: int
    quantity: int = 1


@dataclass(frozen=True)
class SaleDetails:
    """The sale of a won result; the discount is in rials."""

    items: Sequence[Sold]
    discount: int = 0
    address: Mapping[str, Any] = attribute(default_factory=dict)


def confirm_sale(follow_up: FollowUp, details: SaleDetails) -> Sale:
    """Add the sale of *follow_up*, credited to its consultant even if another member records it. Raises `BadSale`."""
    sale = Sale(
        order_id=follow_up.order_id,
        customer_id=follow_up.customer_id,
        consultant_id=follow_up.consultant_id,
        discount=details.discount,
        sold_at=now(),
        status=SaleStatus.CONFIRMED,
        items=[
            SaleItem(product=each.product, price=each.price, quantity=each.quantity, position=at)
            for at, each in enumerate(details.items, start=1)
        ],
    )
    sale.total_up()
    refuse_bad_sale(sale)
    sale.address = _address(follow_up, details.address)
    db.session.add(sale)
    db.session.flush()
    return sale


def refuse_bad_sale(sale: Sale) -> None:
    """The rule of every sale: it has items, in a quantity, its discount is not larger than their sum, and it is made."""
    if not sale.items:
        raise BadSale(_("Write down what was sold."), field="items")
    for at, item in enumerate(sale.items):
        if item.quantity < 1:
            raise BadSale(_("The quantity must be at least one."), field=f"items[{at}].quantity")
        if item.amount > MOST:
            raise BadSale(_("This amount is too large."), field=f"items[{at}].price")
    if not 0 < sale.subtotal <= MOST:
        field = f"items[{len(sale.items) - 1}].price"
        words = _("Write the amount of the sale.") if sale.subtotal <= 0 else _("This amount is too large.")
        raise BadSale(words, field=field)
    if sale.discount > sale.subtotal:
        raise BadSale(_("The discount is larger than the amount."), field="discount")
    if sale.sold_at > now() + _GRACE:
        raise BadSale(_("The sale can't lie in the future."), field="sold_at")


def _address(follow_up: FollowUp, fields: Mapping[str, Any]) -> Address | None:
    """A new address of the customer, or their default one where nothing was written. Raises `BadSale`."""
    if fields.get("line"):
        return add_address(follow_up.customer_id, fields)
    # The form comes with the province and city of the customer.
    if any(fields.get(name) for name in ("postal_code", "receiver")):
        raise BadSale(_("Write the address."), field="line")
    return default_address(follow_up.customer_id)
