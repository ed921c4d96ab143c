"""The number of lines of the ledger of assignments that count, by day and consultant."""

from __future__ import annotations

from datetime import datetime

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Row, Tenant
from models.types import UtcDateTime


class AssignedDay(Row, Tenant, Model):
    """A change of the number of lines of one day and consultant; the number is the sum of these rows.

    Rows are only added, so that members who assign at the same time do not wait for each other.
    """

    __tablename__ = "assigned_days"
    __table_args__ = (
        Index(
            "ix_assigned_days_organization",
            "organization_id",
            "begins_at",
            postgresql_include=["member_id", "lines"],
        ),
        Index(
            "ix_assigned_days_member",
            "member_id",
            "begins_at",
            postgresql_include=["organization_id", "lines"],
        ),
    )
    __owner__ = "member_id"

    # Not indexed alone: the index above begins with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    # The first instant of the day in Tehran, so that no database computes days in its own zone.
    begins_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lines: Mapped[int] = mapped_column(Integer)
