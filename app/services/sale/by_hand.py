"""Sales that a manager adds without a follow-up."""

from __future__ import annotations

from collections.abc import Container

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.errors import DomainError, Unsure
from app.extensions import db
from app.services.assignment.assign import UnfitMember, lock_assignee
from app.services.order.repeat import lock_customers
from app.services.order.win import lock_order, win_order
from app.services.sale.confirm import refuse_bad_sale
from models.member import Member
from models.order import Order, OrderStatus
from models.sale import Sale, SaleStatus
from models.tenancy.scope import whole_organization

_VOID = (SaleStatus.CANCELLED, SaleStatus.REFUNDED)


def add_sale(sale: Sale, *, sure: Container[str]) -> Sale:
    """Add the filled *sale*; without an order it gets one of its own, which is won.

    *sure* has the codes of doubts that the member has seen. Raises `DomainError`, and `Unsure` for an order that is
    sold already.
    """
    sale.discount = sale.discount or 0
    sale.total_up()
    refuse_bad_sale(sale)
    _lock_consultant(sale.consultant)
    if sale.order is None:
        sale.order = _own_order(sale)
    else:
        _refuse_order(sale, sure)
    db.session.add(sale)
    db.session.flush()
    if sale.status is not SaleStatus.DRAFT:
        win_order(sale.order_id)
    return sale


def _lock_consultant(member: Member) -> None:
    try:
        lock_assignee(member)
    except UnfitMember as error:
        raise DomainError(error.message, field="consultant", **error.params) from error


def _own_order(sale: Sale) -> Order:
    """The order of a sale that had none: won and without assignment, so that it counts as a sale and not as a number.

    It is no repeat: an order at the time of a purchase is a purchase of its own.
    """
    # Orders that are placed at the same time decide their repeats after this sale.
    lock_customers([sale.customer.id])
    first = sale.items[0]
    order = Order(
        customer=sale.customer,
        product=first.product,
        quantity=first.quantity,
        ordered_at=sale.sold_at,
        status=OrderStatus.WON,
    )
    db.session.add(order)
    db.session.flush()
    return order


def _refuse_order(sale: Sale, sure: Container[str]) -> None:
    """Lock the order of *sale*; raise `DomainError` where it does not fit, and `Unsure` where it is sold already."""
    order, _follow_ups = lock_order(sale.order.id)
    if order is None:
        raise DomainError(_("This order is not there any more."), field="order")
    if order.customer_id != sale.customer.id:
        raise DomainError(_("This order belongs to another customer."), field="order")
    with whole_organization(db.session()):
        sold = select(Sale.id).where(Sale.order_id == order.id, Sale.status.not_in(_VOID))
        other = db.session.scalar(sold.order_by(Sale.id.desc()).limit(1))
    if other is not None and (code := f"sold {other}") not in sure:
        words = _("This order has a sale already. Is this one more?")
        raise Unsure(words, code=code, field="order")
