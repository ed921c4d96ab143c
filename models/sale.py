"""Sales and their items."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import (
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Text,
    column,
    event,
    exists,
    literal_column,
    select,
    table,
)
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column, relationship

from app.lib.clock import now
from app.lib.jalali import format_date
from models.base import PAST, Authored, Row, SoftDelete, Tenant, Versioned, field, live_index, reads, same_as
from models.child.line import Line
from models.customer import Address, Customer
from models.member import Member
from models.order import Order
from models.product import Product
from models.result_title import ResultScope, ResultTitle
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


# The sales that support sees, as a literal condition of its indexes.
_IS_SUPPORTED = "status NOT IN ('draft', 'cancelled')"
_IS_FRESH = f"{_IS_SUPPORTED} AND last_support_result_id IS NULL"
_OF = ("organization_id",)
UNSUPPORTED = (SaleStatus.DRAFT, SaleStatus.CANCELLED)
# The states in which money is owed or was received: a draft is no sale yet, and closed ones owe nothing.
STANDING = (SaleStatus.CONFIRMED, SaleStatus.PARTLY_PAID, SaleStatus.PAID, SaleStatus.DELIVERED)


class Sale(Row, Tenant, Authored, SoftDelete, Versioned, Model):
    """A sale; `amount` is the sum of its items less `discount`, `balance` what is left of it after `paid`."""

    __tablename__ = "sales"
    __table_args__ = (
        Index("ix_sales_consultant_sold_at", "consultant_id", "sold_at", "id"),
        Index("ix_sales_organization_sold_at", "organization_id", "sold_at", "id"),
        # The lists of support for members who see all sales and for consultants: all, due and without an entry.
        live_index("ix_sales_support", "organization_id", "id", only=_IS_SUPPORTED),
        live_index(
            "ix_sales_support_next_at", "organization_id", "support_next_at", "id", only=_IS_SUPPORTED
        ),
        live_index("ix_sales_support_fresh", "organization_id", "id", only=_IS_FRESH),
        live_index("ix_sales_support_consultant", "consultant_id", "id", only=_IS_SUPPORTED, include=_OF),
        live_index(
            "ix_sales_support_consultant_next_at",
            "consultant_id",
            "support_next_at",
            "id",
            only=_IS_SUPPORTED,
            include=_OF,
        ),
        live_index("ix_sales_support_consultant_fresh", "consultant_id", "id", only=_IS_FRESH, include=_OF),
        # The filter of the last support result.
        live_index(
            "ix_sales_support_result", "organization_id", "last_support_result_id", "id", only=_IS_SUPPORTED
        ),
        # What reports count.
        live_index(
            "ix_sales_counted",
            "organization_id",
            "sold_at",
            only=_IS_SUPPORTED,
            include=("consultant_id", "status", "amount"),
        ),
        Index("ix_sales_customer_sold_at", "customer_id", "sold_at", "id"),
        # Erasing a customer looks for the sales that count for them.
        Index("ix_sales_counted_customer", "counted_customer_id"),
        live_index("ix_sales_live_status", "organization_id", "status", "sold_at", "id"),
        live_index("ix_sales_live_amount", "organization_id", "amount", "id"),
        live_index("ix_sales_live_balance", "organization_id", "balance", "id"),
        # Numbers are never used twice, also not after the deletion of a draft.
        Index("uq_sales_invoice_number", "organization_id", "invoice_number", unique=True),
        Index("uq_sales_proforma_number", "organization_id", "proforma_number", unique=True),
    )
    __owner__ = "consultant_id"
    __shows__ = ("customer",)
    __found_by__ = ("customer",)

    # Not indexed alone: the indexes above begin with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    order_id: Mapped[int] = field(_("Order"), ForeignKey("orders.id"), index=True)
    customer_id: Mapped[int] = field(_("Customer"), ForeignKey("customers.id"))
    # The customer that reports count the sale for: the one at the time, also after customers were merged.
    counted_customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id"), default=same_as("customer_id")
    )
    consultant_id: Mapped[int] = field(_("Consultant"), ForeignKey("ab_user.id"))
    amount: Mapped[int] = field(_("Amount"), Money)
    discount: Mapped[int] = field(_("Discount"), Money, default=0)
    # The sum of the verified transactions; `app.services.sale.moves` writes it with the status.
    paid: Mapped[int] = field(_("Paid"), Money, default=0, server_default="0")
    balance: Mapped[int] = field(_("Balance"), Money, default=0, server_default="0")
    sold_at: Mapped[datetime] = field(_("Sold at"), UtcDateTime, default=now, info={PAST: True})
    status: Mapped[SaleStatus] = field(_("Status"), choice(SaleStatus), default=SaleStatus.CONFIRMED)
    reason: Mapped[str | None] = field(_("Reason"), Text)
    address_id: Mapped[int | None] = field(_("Delivery address"), ForeignKey("addresses.id"))
    last_support_result_id: Mapped[int | None] = field(_("Last support"), ForeignKey("result_titles.id"))
    support_next_at: Mapped[datetime | None] = field(_("Next contact"), UtcDateTime)
    invoice_number: Mapped[int | None] = field(_("Invoice number"), Integer)
    invoice_at: Mapped[datetime | None] = field(_("Invoice issued at"), UtcDateTime)
    proforma_number: Mapped[int | None] = field(_("Pro-forma number"), Integer)
    proforma_at: Mapped[datetime | None] = field(_("Pro-forma issued at"), UtcDateTime)

    order: Mapped[Order] = relationship()
    customer: Mapped[Customer] = relationship(foreign_keys="Sale.customer_id")
    consultant: Mapped[Member] = relationship(foreign_keys="Sale.consultant_id")
    address: Mapped[Address | None] = relationship()
    last_support_result: Mapped[ResultTitle | None] = relationship(
        info={"label": _("Last support"), "where": ResultTitle.scope == ResultScope.SUPPORT}
    )
    items: Mapped[list[SaleItem]] = relationship(
        back_populates="sale", cascade="all, delete-orphan", order_by="SaleItem.position"
    )

    @property
    def subtotal(self) -> int:
        """The sum of the items, before the discount."""
        return sum(item.amount for item in self.items)

    def total_up(self) -> None:
        """Compute the amounts of the items and of the sale."""
        for item in self.items:
            item.amount = item.price * item.quantity
        self.amount = self.subtotal - (self.discount or 0)

    @staticmethod
    def choices(statement: Select[Any], _session: Session) -> Select[Any]:
        """Look-ups offer the newest sales first."""
        return statement.order_by(Sale.id.desc())

    @property
    @reads("customer", "sold_at")
    def choice_label(self) -> str:
        return f"{self.customer} · {format_date(self.sold_at)}"

    @classmethod
    def is_supported(cls) -> ColumnElement[bool]:
        """The condition for the sales that support sees: neither drafts nor cancelled ones.

        The states are literals, because PostgreSQL matches partial indexes only against literal conditions.
        """
        return cls.status.not_in([literal_column(f"'{state.value}'", String) for state in UNSUPPORTED])

    @property
    @reads("support_next_at")
    def is_support_due(self) -> bool:
        return self.support_next_at is not None and self.support_next_at < now()

    @reads("customer")
    def __str__(self) -> str:
        return str(_("Sale to %(customer)s", customer=self.customer))


@event.listens_for(Sale, "before_insert")
@event.listens_for(Sale, "before_update")
def _fill_balance(_mapper: Mapper[Sale], _connection: Connection, sale: Sale) -> None:
    sale.balance = sale.amount - (sale.paid or 0)


class SaleItem(Row, Tenant, Line, Model):
    """A product of a sale; `amount` is the price of the whole quantity, before the discount."""

    __tablename__ = "sale_items"

    sale_id: Mapped[int] = field(_("Sale"), ForeignKey("sales.id"), index=True)
    product_id: Mapped[int] = field(_("Product"), ForeignKey("products.id"))
    quantity: Mapped[int] = field(_("Quantity"), Integer, default=1)
    price: Mapped[int] = field(_("Unit price"), Money)
    amount: Mapped[int] = field(_("Amount"), Money, help=_("For the whole quantity, before the discount."))

    sale: Mapped[Sale] = relationship(back_populates="items")
    # Products that are not sold any more stay in the sales that have them.
    product: Mapped[Product] = relationship(info={"where": Product.is_active.is_(True)})

    @reads("product")
    def __str__(self) -> str:
        return str(self.product)

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return exists(
            select(1)
            .select_from(_sales)
            .where(_sales.c.id == cls.sale_id, _sales.c.consultant_id == member_id)
        )


@event.listens_for(SaleItem, "before_insert")
def _fill_price(_mapper: Mapper[SaleItem], _connection: Connection, item: SaleItem) -> None:
    """The price of one piece, where only the amount of all is known."""
    if item.price is None:
        item.price = item.amount // (item.quantity or 1)
