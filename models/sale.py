"""Sales and their items."""

from __future__ import annotations

from datetime import datetime

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, ForeignKey, Index, Integer, column, exists, select, table
from sqlalchemy.orm import Mapped, relationship

from app.lib.clock import now
from models.base import Authored, Row, SoftDelete, Tenant, Versioned, field
from models.customer import Address, Customer
from models.member import Member
from models.order import Order
from models.product import Product
from models.types import Choice, Money, UtcDateTime, choice

_sales = table("sales", column("id"), column("consultant_id"))


class SaleStatus(Choice):
    DRAFT = "draft", _("Draft")
    CONFIRMED = "confirmed", _("Confirmed")
    PARTLY_PAID = "partly_paid", _("Partly paid")
    PAID = "paid", _("Paid")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")
    REFUNDED = "refunded", _("Refunded")


class Sale(Row, Tenant, Authored, SoftDelete, Versioned, Model):
    """A sale; `amount` is the sum of its items less `discount`."""

    __tablename__ = "sales"
    __table_args__ = (
        Index("ix_sales_consultant_sold_at", "consultant_id", "sold_at"),
        Index("ix_sales_organization_sold_at", "organization_id", "sold_at", "id"),
    )
    __owner__ = "consultant_id"

    order_id: Mapped[int] = field(_("Order"), ForeignKey("orders.id"), index=True)
    customer_id: Mapped[int] = field(_("Customer"), ForeignKey("customers.id"), index=True)
    consultant_id: Mapped[int] = field(_("Consultant"), ForeignKey("ab_user.id"))
    amount: Mapped[int] = field(_("Amount"), Money)
    discount: Mapped[int] = field(_("Discount"), Money, default=0)
    sold_at: Mapped[datetime] = field(_("Sold at"), UtcDateTime, default=now)
    status: Mapped[SaleStatus] = field(_("Status"), choice(SaleStatus), default=SaleStatus.CONFIRMED)
    address_id: Mapped[int | None] = field(_("Delivery address"), ForeignKey("addresses.id"))

    order: Mapped[Order] = relationship()
    customer: Mapped[Customer] = relationship()
    consultant: Mapped[Member] = relationship(foreign_keys="Sale.consultant_id")
    address: Mapped[Address | None] = relationship()
    items: Mapped[list[SaleItem]] = relationship(back_populates="sale")


class SaleItem(Row, Tenant, Model):
    __tablename__ = "sale_items"

    sale_id: Mapped[int] = field(_("Sale"), ForeignKey("sales.id"), index=True)
    product_id: Mapped[int] = field(_("Product"), ForeignKey("products.id"))
    quantity: Mapped[int] = field(_("Quantity"), Integer, default=1)
    amount: Mapped[int] = field(_("Amount"), Money, help=_("For the whole quantity, before the discount."))

    sale: Mapped[Sale] = relationship(back_populates="items")
    product: Mapped[Product] = relationship()

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return exists(
            select(1)
            .select_from(_sales)
            .where(_sales.c.id == cls.sale_id, _sales.c.consultant_id == member_id)
        )
