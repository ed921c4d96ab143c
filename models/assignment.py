"""The ledger of assignments: which order was assigned to which member, when and how.

An undone assignment stays, with `undone_at`; a further line, which names it by `undoes_id`, gives the order back.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, ForeignKey, Index, and_, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.clock import now
from models.base import AppendOnly, Row, Tenant, copied, field, same_as, set_index
from models.member import Member
from models.order import Order
from models.types import Choice, UtcDateTime, choice

_IS_COUNTED = text("undone_at IS NULL AND undoes_id IS NULL")


class AssignmentMethod(Choice):
    MANUAL = "manual", _("By hand")
    ROUND_ROBIN = "round_robin", _("In turn")
    LEAST_LOADED = "least_loaded", _("Least loaded")
    STICKY = "sticky", _("Same consultant")
    IMPORT = "import", _("With a file")


class Assignment(Row, Tenant, AppendOnly, Model):
    __tablename__ = "assignments"
    __table_args__ = (
        Index("ix_assignments_to_member_started_at", "to_member_id", "started_at"),
        # The timelines of an order and of its customer, each one range of an index.
        Index("ix_assignments_order", "order_id", "started_at", "id"),
        Index("ix_assignments_customer", "customer_id", "started_at", "id"),
        # Erasing a customer looks for the lines that count for them.
        Index("ix_assignments_counted_customer", "counted_customer_id"),
        # The lines that the figures of an organisation count.
        Index(
            "ix_assignments_counted",
            "organization_id",
            "started_at",
            postgresql_where=_IS_COUNTED,
            sqlite_where=_IS_COUNTED,
            postgresql_include=["to_member_id", "counted_customer_id"],
        ),
        # The lines of one act of a member, for its undo.
        set_index("ix_assignments_by_started_at", "by_id", "started_at"),
        # An assignment is undone once.
        Index(
            "uq_assignments_undoes",
            "undoes_id",
            unique=True,
            postgresql_where=text("undoes_id IS NOT NULL"),
            sqlite_where=text("undoes_id IS NOT NULL"),
        ),
    )
    __owner__ = "to_member_id"
    __mutable__: ClassVar[frozenset[str]] = frozenset({"ended_at", "undone_at"})

    # Not indexed: assignments are read by their order or their member.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    order_id: Mapped[int] = field(_("Order"), ForeignKey("orders.id"))
    # Copied from the order, so that the timeline of a customer reads one range of an index.
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id"), default=copied("orders", "order_id", "customer_id")
    )
    # The customer that reports count the line for: the one at the time, also after customers were merged.
    counted_customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id"), default=same_as("customer_id")
    )
    from_member_id: Mapped[int | None] = field(_("From"), ForeignKey("ab_user.id"))
    # None where an undo gives the order back to the tray.
    to_member_id: Mapped[int | None] = field(_("To"), ForeignKey("ab_user.id"))
    started_at: Mapped[datetime] = field(_("At"), UtcDateTime, default=now)
    ended_at: Mapped[datetime | None] = field(_("Until"), UtcDateTime)
    method: Mapped[AssignmentMethod] = field(_("Method"), choice(AssignmentMethod))
    by_id: Mapped[int | None] = field(_("By"), ForeignKey("ab_user.id"))

    undone_at: Mapped[datetime | None] = field(_("Undone at"), UtcDateTime)
    undoes_id: Mapped[int | None] = field(_("Undoes"), ForeignKey("assignments.id"))

    by: Mapped[Member | None] = relationship(foreign_keys="Assignment.by_id")
    order: Mapped[Order] = relationship()
    to_member: Mapped[Member | None] = relationship(foreign_keys="Assignment.to_member_id")
    from_member: Mapped[Member | None] = relationship(foreign_keys="Assignment.from_member_id")

    @classmethod
    def counts(cls) -> ColumnElement[bool]:
        """The condition for lines that figures count: neither undone nor an undo."""
        return and_(cls.undone_at.is_(None), cls.undoes_id.is_(None))
