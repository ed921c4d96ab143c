"""Internal notes of the support on a ticket, which no member of the organisation reads."""

from __future__ import annotations

from datetime import datetime

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, ForeignKey, Index, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.clock import now
from models.base import AppendOnly, Row, Tenant, field
from models.member import Member
from models.messages.thread import Thread, is_ticket
from models.types import SUPPORT, UtcDateTime


class TicketNote(Row, Tenant, AppendOnly, Model):
    """One note; the support alone reads it, by the criterion and by a policy of its own."""

    __tablename__ = "ticket_notes"
    __table_args__ = (Index("ix_ticket_notes_thread", "thread_id", "id"),)
    __private__ = True
    __policy__ = SUPPORT

    # Not indexed: notes are read by their ticket.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"))
    text: Mapped[str] = field(_("Internal note"), Text)
    at: Mapped[datetime] = field(_("At"), UtcDateTime, default=now)
    by_id: Mapped[int] = field(_("By"), ForeignKey("ab_user.id"))

    thread: Mapped[Thread] = relationship()
    by: Mapped[Member] = relationship(foreign_keys="TicketNote.by_id")

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:  # noqa: ARG003 - the same for all members
        """No rows: no member of an organisation reads a note."""
        return false()

    @classmethod
    def ticket_rows(cls) -> ColumnElement[bool]:
        return is_ticket(cls.thread_id)
