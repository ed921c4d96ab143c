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
    and_,
    column,
    exists,
    literal_column,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from app.lib.clock import now
from app.lib.jalali import format_date
from models.base import Authored, Row, SoftDelete, Tenant, Versioned, field, live_index, reads, set_index
from models.customer import Customer
from models.job import ImportJob
from models.order_source import OrderSource
from models.product import Product
from models.types import Choice, Mobile, UtcDateTime, choice

_follow_ups = table("follow_ups", column("order_id"), column("consultant_id"), column("deleted_at"))
_orders = table(
    "orders",
    column("id"),
    column("created_by_id"),
    column("status"),
    column("repeat_of_id"),
    column("deleted_at"),
)


class OrderStatus(Choice):
    NEW = "new", _("New")
    ASSIGNED = "assigned", _("Assigned")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    INVALID = "invalid", _("Invalid")
    HELD = "held", _("Held as repeated")
    # Joined to the open follow-up of the first order, without one of its own.
    ATTACHED = "attached", _("Attached")


class RepeatReason(Choice):
    WITHIN_WINDOW = "within_window", _("Same product and mobile within the window")


class RepeatDecision(Choice):
    """What became of a repeated order, by the decision of a manager or by the policy of the organisation."""

    ATTACHED = "attached", _("Attached")
    SAME_CONSULTANT = "same_consultant", _("Same consultant")
    NOT_REPEAT = "not_repeat", _("Was no repeat")


# The states of repeats without a follow-up of their own: the consultant of the first order sees them. Literals, because
# PostgreSQL matches partial indexes only against literal conditions.
_JOINED = "status IN ('held', 'attached')"


def _is_joined(source: Any) -> ColumnElement[bool]:
    return and_(
        source.status.in_([literal_column("'held'", String), literal_column("'attached'", String)]),
        source.deleted_at.is_(None),
    )


class Order(Row, Tenant, Authored, SoftDelete, Versioned, Model):
    __tablename__ = "orders"
    __table_args__ = (
        # The repeat rule reads a customer's orders of one product, the newest first.
        Index("ix_orders_customer_product", "customer_id", "product_id", "ordered_at"),
        live_index("ix_orders_live_customer", "customer_id", "ordered_at", "id"),
        live_index("ix_orders_live", "organization_id", "id"),
        live_index("ix_orders_live_ordered_at", "organization_id", "ordered_at", "id"),
        live_index("ix_orders_live_status", "organization_id", "status", "id"),
        Index("ix_orders_product", "product_id", "id"),
        set_index("ix_orders_created_by_id", "created_by_id", "id"),
        set_index("ix_orders_import_job_id", "import_job_id"),
        # The list of repeats, its tabs, and the repeats of the first orders of a consultant (`owned_ids`).
        live_index("ix_orders_live_repeats", "organization_id", "id", only="repeat_of_id IS NOT NULL"),
        live_index(
            "ix_orders_live_decisions",
            "organization_id",
            "repeat_decision",
            "id",
            only="repeat_of_id IS NOT NULL",
        ),
        live_index("ix_orders_live_joined", "id", only=_JOINED, include=("repeat_of_id",)),
        # The repeats of an order, for its timeline.
        set_index("ix_orders_repeat_of_id", "repeat_of_id", "ordered_at", "id"),
        # The orders of one decision, for its undo.
        set_index("ix_orders_decided", "decided_by_id", "decided_at"),
        # Reports count the repeats that were held, by their arrival.
        Index(
            "ix_orders_held_at",
            "organization_id",
            "held_at",
            postgresql_where=text("held_at IS NOT NULL"),
            sqlite_where=text("held_at IS NOT NULL"),
        ),
    )
    __goes_with__ = ("customer",)
    __found_by__ = ("customer",)

    # Not indexed alone: the indexes above begin with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    customer_id: Mapped[int] = field(_("Customer"), ForeignKey("customers.id"))
    product_id: Mapped[int] = field(_("Product"), ForeignKey("products.id"))
    quantity: Mapped[int] = field(_("Quantity"), Integer, default=1)
    source_id: Mapped[int | None] = field(_("Source"), ForeignKey("order_sources.id"))
    note: Mapped[str | None] = field(_("Note"), Text)
    ordered_at: Mapped[datetime] = field(_("Ordered at"), UtcDateTime, default=now)
    # The number that the order named, where it is a former mobile of the customer.
    placed_with: Mapped[str | None] = mapped_column(Mobile)
    reference: Mapped[str | None] = field(_("Client reference"), String(80), folded=True)
    status: Mapped[OrderStatus] = field(_("Order status"), choice(OrderStatus), default=OrderStatus.NEW)
    is_repeat: Mapped[bool] = field(_("Repeated"), default=False)
    repeat_of_id: Mapped[int | None] = field(_("Repeats"), ForeignKey("orders.id"))
    repeat_reason: Mapped[RepeatReason | None] = field(_("Reason"), choice(RepeatReason))
    repeat_decision: Mapped[RepeatDecision | None] = field(_("Decision"), choice(RepeatDecision))
    # Empty where the policy of the organisation decided.
    decided_by_id: Mapped[int | None] = field(_("Decided by"), ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = field(_("Decided at"), UtcDateTime)
    # The status before the decision, which its undo restores.
    decided_from: Mapped[OrderStatus | None] = field(_("Status before"), choice(OrderStatus))
    import_job_id: Mapped[int | None] = field(_("Import"), ForeignKey("import_jobs.id"))
    # When the order arrived and was held as a repeat, and the consultant of its first order at that moment. Reports
    # count by them, so that neither decisions nor merges change them.
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_for_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

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
        repeated = exists(
            select(1)
            .select_from(_follow_ups)
            .where(
                _follow_ups.c.order_id == cls.repeat_of_id,
                _follow_ups.c.consultant_id == member_id,
                _follow_ups.c.deleted_at.is_(None),
            )
        )
        return or_(cls.created_by_id == member_id, assigned, and_(_is_joined(cls), repeated))

    @classmethod
    def owned_ids(cls, member_id: int) -> tuple[Select[Any], ...]:
        assigned = select(_follow_ups.c.order_id).where(
            _follow_ups.c.consultant_id == member_id, _follow_ups.c.deleted_at.is_(None)
        )
        of_mine = exists(
            select(1)
            .select_from(_follow_ups)
            .where(
                _follow_ups.c.order_id == _orders.c.repeat_of_id,
                _follow_ups.c.consultant_id == member_id,
                _follow_ups.c.deleted_at.is_(None),
            )
        ).correlate(_orders)
        repeated = select(_orders.c.id).where(_is_joined(_orders.c), of_mine)
        return select(_orders.c.id).where(_orders.c.created_by_id == member_id), assigned, repeated

    @staticmethod
    def choices(statement: Select[Any], _session: Session) -> Select[Any]:
        """Look-ups offer the newest orders first."""
        parts = joinedload(Order.customer), joinedload(Order.product)
        return statement.options(*parts).order_by(Order.id.desc())

    @property
    @reads("customer", "product", "ordered_at", "status")
    def choice_label(self) -> str:
        return f"{self} · {format_date(self.ordered_at)} · {self.status}"

    @reads("customer", "product")
    def __str__(self) -> str:
        return f"{self.customer} · {self.product}"
