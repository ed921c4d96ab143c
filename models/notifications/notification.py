"""Notifications of members: each row tells one member of one event, or of the rows that one act concerned."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, BigInteger, ColumnElement, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.lib.clock import now
from models.base import Row, Tenant
from models.types import UtcDateTime

_IS_SHOWN = text("dismissed_at IS NULL")
_IS_READ = text("read_at IS NOT NULL")
_IS_UNREAD = text("read_at IS NULL AND dismissed_at IS NULL")


class Notification(Row, Tenant, Model):
    __tablename__ = "notifications"
    __table_args__ = (
        # An act tells a member once of each kind of event, however many transactions it takes.
        Index("uq_notifications_act", "member_id", "kind", "act", unique=True),
        Index(
            "ix_notifications_shown", "member_id", "id", postgresql_where=_IS_SHOWN, sqlite_where=_IS_SHOWN
        ),
        Index(
            "ix_notifications_unread", "member_id", "id", postgresql_where=_IS_UNREAD, sqlite_where=_IS_UNREAD
        ),
        # For the nightly deletion of old ones.
        Index(
            "ix_notifications_read_at",
            "organization_id",
            "read_at",
            postgresql_where=_IS_READ,
            sqlite_where=_IS_READ,
        ),
    )
    __owner__ = "member_id"

    @classmethod
    def ticket_rows(cls) -> ColumnElement[bool]:
        """The notifications about tickets, by which operators learn of them."""
        return cls.section == "tickets"

    # Not indexed alone: notifications are read by their member.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    # The name of the rule (`models.notifications.rules.Rule`), which has the words.
    kind: Mapped[str] = mapped_column(String(120))
    # The slug of the section and, of an event of one row, its key; without a foreign key, because rows are erased.
    section: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[int | None] = mapped_column(BigInteger)
    address: Mapped[str] = mapped_column(String(200))
    # The number of rows, and the values in the words.
    count: Mapped[int] = mapped_column(Integer, default=1)
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # The request or the job that caused it.
    act: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
