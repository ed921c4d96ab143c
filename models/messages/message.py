"""Messages: the texts of conversations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, ForeignKey, Index, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.clock import now
from models.base import AppendOnly, Row, Tenant, field
from models.member import Member
from models.messages.thread import Thread, is_ticket, takes_part
from models.types import UtcDateTime

LONGEST_MESSAGE = 5_000


class Message(Row, Tenant, AppendOnly, Model):
    """One message; its files are attachments of this row."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_thread", "thread_id", "id"),)
    __private__ = True
    __mutable__ = frozenset({"seen_at"})

    # Not indexed: messages are read by their thread.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"))
    text: Mapped[str] = field(_("Message text"), Text, folded=True)
    at: Mapped[datetime] = field(_("At"), UtcDateTime, default=now)
    by_id: Mapped[int] = field(_("By"), ForeignKey("ab_user.id"))
    # When the first of the other members opened the thread with it.
    seen_at: Mapped[datetime | None] = field(_("Seen at"), UtcDateTime)
    # One token per shown form, so that a form sent twice stores one message.
    client_token: Mapped[UUID | None] = mapped_column(Uuid, unique=True)

    thread: Mapped[Thread] = relationship()
    by: Mapped[Member] = relationship(foreign_keys="Message.by_id")

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        """The messages of the threads in which the member takes part."""
        return takes_part(cls.thread_id, member_id)

    @classmethod
    def ticket_rows(cls) -> ColumnElement[bool]:
        return is_ticket(cls.thread_id)
