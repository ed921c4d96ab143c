"""Transactions: payments of a sale, each verified or rejected by a manager."""

from __future__ import annotations

from datetime import date, datetime

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Date, ForeignKey, Index, String, Text, column, exists, select, table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.clock import now
from models.base import PAST, Authored, Row, SoftDelete, Tenant, Versioned, field, live_index, reads
from models.member import Member
from models.sale import STANDING, Sale
from models.types import Choice, Money, UtcDateTime, choice

_sales = table("sales", column("id"), column("consultant_id"))


class PaymentMethod(Choice):
    CARD = "card", _("Card to card")
    GATEWAY = "gateway", _("Payment gateway")
    CASH = "cash", _("Cash")
    CHEQUE = "cheque", _("Cheque")
    ON_DELIVERY = "on_delivery", _("Cash on delivery")


class TransactionStatus(Choice):
    PENDING = "pending", _("Waiting for verification")
    VERIFIED = "verified", _("Verified")
    REJECTED = "rejected", _("Rejected")
    REFUNDED = "refunded", _("Paid back")


class Transaction(Row, Tenant, Authored, SoftDelete, Versioned, Model):
    """A payment; `reference` is the number of the cheque, or the tracking number of the bank."""

    __tablename__ = "transactions"
    __table_args__ = (
        Index("ix_transactions_sale", "sale_id", "at", "id"),
        live_index("ix_transactions_live_at", "organization_id", "at", "id"),
        live_index("ix_transactions_live_status", "organization_id", "status", "at", "id"),
        live_index("ix_transactions_live_amount", "organization_id", "amount", "id"),
        # The rule about references that exist already.
        Index("ix_transactions_reference", "organization_id", "method", "reference"),
    )
    __goes_with__ = ("sale",)

    # Not indexed alone: the indexes above begin with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    sale_id: Mapped[int] = field(_("Sale"), ForeignKey("sales.id"))
    method: Mapped[PaymentMethod] = field(_("Method"), choice(PaymentMethod))
    amount: Mapped[int] = field(_("Amount"), Money)
    reference: Mapped[str | None] = field(_("Tracking number"), String(60), folded=True)
    bank: Mapped[str | None] = field(_("Bank"), String(60))
    due_on: Mapped[date | None] = field(_("Due on"), Date)
    at: Mapped[datetime] = field(_("Paid at"), UtcDateTime, default=now, info={PAST: True})
    status: Mapped[TransactionStatus] = field(
        _("Status"), choice(TransactionStatus), default=TransactionStatus.PENDING
    )
    reason: Mapped[str | None] = field(_("Reason"), Text)
    # Who verified, rejected or paid back, and when.
    decided_by_id: Mapped[int | None] = field(_("Decided by"), ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = field(_("Decided at"), UtcDateTime)

    sale: Mapped[Sale] = relationship(info={"where": Sale.status.in_(STANDING)})
    decided_by: Mapped[Member | None] = relationship(foreign_keys="Transaction.decided_by_id")
    created_by: Mapped[Member | None] = relationship(foreign_keys="Transaction.created_by_id", viewonly=True)

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return exists(
            select(1)
            .select_from(_sales)
            .where(_sales.c.id == cls.sale_id, _sales.c.consultant_id == member_id)
        )

    @reads("method", "sale.customer")
    def __str__(self) -> str:
        return f"{self.method} · {self.sale.customer}"
