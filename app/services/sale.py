"""Sales, added as confirmed in the transaction of a won result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from models.customer import Address
from models.follow_up import FollowUp
from models.product import Product
from models.sale import Sale, SaleItem, SaleStatus


class BadSale(DomainError):
    """An invalid quantity, amount or discount."""


@dataclass(frozen=True)
class SaleDetails:
    """The sale of a won result; `amount` is in rials, for the whole quantity, before the discount."""

    product: Product
    amount: int
    quantity: int = 1
    discount: int = 0
    address: Mapping[str, Any] = field(default_factory=dict)


def confirm_sale(follow_up: FollowUp, details: SaleDetails) -> Sale:
    """Add the sale of *follow_up*, credited to its consultant even if another member records it. Raises `BadSale`."""
    if details.quantity < 1:
        raise BadSale(_("The quantity must be at least one."), field="quantity")
    if details.amount <= 0:
        raise BadSale(_("Write the amount of the sale."), field="amount")
    if details.discount > details.amount:
        raise BadSale(_("The discount is larger than the amount."), field="discount")

    sale = Sale(
        order_id=follow_up.order_id,
        customer_id=follow_up.customer_id,
        consultant_id=follow_up.consultant_id,
        amount=details.amount - details.discount,
        discount=details.discount,
        sold_at=now(),
        status=SaleStatus.CONFIRMED,
        address=_address(follow_up, details.address),
    )
    db.session.add(sale)
    db.session.flush()
    db.session.add(
        SaleItem(sale=sale, product=details.product, quantity=details.quantity, amount=details.amount)
    )
    db.session.flush()
    return sale


def _address(follow_up: FollowUp, fields: Mapping[str, Any]) -> Address | None:
    """A new address of the customer, if one was given; the first becomes the default."""
    if not fields.get("line"):
        return None
    address = Address(
        customer_id=follow_up.customer_id, is_default=not follow_up.customer.addresses, **fields
    )
    db.session.add(address)
    db.session.flush()
    return address
