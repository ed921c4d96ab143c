"""Orders: customer, product, time, source, and whether the order repeats an earlier one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Text,
    column,
    exists,
    or_,
    select,
    table,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.clock import now
from models.base import Authored, Row, SoftDelete, Tenant, Versioned, field, live_index, reads, set_index
from models.customer import Customer
from models.job import ImportJob
from models.order_source import OrderSource
from models.product import Product
from models.types import Choice, UtcDateTime, choice

_follow_ups = table("follow_ups", column("order_id"), column("consultant_id"), column("deleted_at"))
_orders = table("orders", column("id"), column("created_by_id"))


class OrderStatus(Choice):
    NEW = "new", _("New")
    ASSIGNED = "assigned", _("Assigned")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    INVALID = "invalid", _("Invalid")
    HELD = "held", _("Held as repeated")


class RepeatReason(Choice):
    WITHIN_WINDOW = "within_window", _("Same product and mobile within the window")


class Order(Row, Tenant, Authored, SoftDelete, Versioned, Model):
    __tablename__ = "orders"
    __table_args__ = (
        # The repeat rule reads a customer's orders of one product, the newest first.
        Index("ix_orders_customer_product", "customer_id", "product_id", "ordered_at"),
        live_index("ix_orders_live", "organization_id", "id"),
        live_index("ix_orders_live_ordered_at", "organization_id", "ordered_at", "id"),
        live_index("ix_orders_live_status", "organization_id", "status", "id"),
        Index("ix_orders_product", "product_id", "id"),
        set_index("ix_orders_created_by_id", "created_by_id", "id"),
        set_index("ix_orders_import_job_id", "import_job_id"),
    )
    __goes_with__ = ("customer",)

    # Not indexed alone: the indexes above begin with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    customer_id: Mapped[int] = field(_("Customer"), ForeignKey("customers.id"))
    product_id: Mapped[int] = field(_("Product"), ForeignKey("products.id"))
    quantity: Mapped[int] = field(_("Quantity"), Integer, default=1)
    source_id: Mapped[int | None] = field(_("Source"), ForeignKey("order_sources.id"))
    note: Mapped[str | None] = field(_("Note"), Text)
    ordered_at: Mapped[datetime] = field(_("Ordered at"), UtcDateTime, default=now)
    reference: Mapped[str | None] = field(_("Client reference"), String(80), folded=True)
    status: Mapped[OrderStatus] = field(_("Order status"), choice(OrderStatus), default=OrderStatus.NEW)
    is_repeat: Mapped[bool] = field(_("Repeated"), default=False)
    repeat_of_id: Mapped[int | None] = field(_("Repeats"), ForeignKey("orders.id"))
    repeat_reason: Mapped[RepeatReason | None] = field(_("Reason"), choice(RepeatReason))
    import_job_id: Mapped[int | None] = field(_("Import"), ForeignKey("import_jobs.id"))

    customer: Mapped[Customer] = relationship(info={"label": _("Customer")})
    product: Mapped[Product] = relationship(info={"label": _("Product")})
    source: Mapped[OrderSource | None] = relationship(info={"label": _("Source")})
    repeat_of: Mapped[Order | None] = relationship(remote_side="Order.id", info={"label": _("Repeats")})
    import_job: Mapped[ImportJob | None] = relationship()

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        assigned = exists(
            select(1)
            .select_from(_follow_ups)
            .where(
                _follow_ups.c.order_id == cls.id,
                _follow_ups.c.consultant_id == member_id,
                _follow_ups.c.deleted_at.is_(None),
            )
        )
        return or_(cls.created_by_id == member_id, assigned)

    @classmethod
    def owned_ids(cls, member_id: int) -> tuple[Select[Any], ...]:
        assigned = select(_follow_ups.c.order_id).where(
            _follow_ups.c.consultant_id == member_id, _follow_ups.c.deleted_at.is_(None)
        )
        return select(_orders.c.id).where(_orders.c.created_by_id == member_id), assigned

    @reads("customer", "product")
    def __str__(self) -> str:
        return f"{self.customer} · {self.product}"
