"""The ledger of assignments: which order was assigned to which member, when and how."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.clock import now
from models.base import AppendOnly, Row, Tenant, field
from models.member import Member
from models.order import Order
from models.types import Choice, UtcDateTime, choice


class AssignmentMethod(Choice):
    MANUAL = "manual", _("By hand")
    ROUND_ROBIN = "round_robin", _("In turn")
    LEAST_LOADED = "least_loaded", _("Least loaded")
    STICKY = "sticky", _("Same consultant")
    IMPORT = "import", _("With a file")


class Assignment(Row, Tenant, AppendOnly, Model):
    __tablename__ = "assignments"
    __table_args__ = (Index("ix_assignments_to_member_started_at", "to_member_id", "started_at"),)
    __owner__ = "to_member_id"
    __mutable__: ClassVar[frozenset[str]] = frozenset({"ended_at"})

    # Not indexed: assignments are read by their order or their member.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    order_id: Mapped[int] = field(_("Order"), ForeignKey("orders.id"), index=True)
    from_member_id: Mapped[int | None] = field(_("From"), ForeignKey("ab_user.id"))
    to_member_id: Mapped[int] = field(_("To"), ForeignKey("ab_user.id"))
    started_at: Mapped[datetime] = field(_("At"), UtcDateTime, default=now)
    ended_at: Mapped[datetime | None] = field(_("Until"), UtcDateTime)
    method: Mapped[AssignmentMethod] = field(_("Method"), choice(AssignmentMethod))
    by_id: Mapped[int | None] = field(_("By"), ForeignKey("ab_user.id"))

    order: Mapped[Order] = relationship()
    to_member: Mapped[Member] = relationship(foreign_keys="Assignment.to_member_id")
    from_member: Mapped[Member | None] = relationship(foreign_keys="Assignment.from_member_id")
