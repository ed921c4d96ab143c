"""Conversations (گفتگو): messages between members of an organisation, and tickets to the support of the platform."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    column,
    exists,
    select,
    table,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.clock import now
from models.base import (
    Authored,
    Row,
    Searchable,
    Tenant,
    Versioned,
    field,
    reads,
    set_index,
    trigram,
)
from models.member import Member
from models.mixins.undoable import Undoable
from models.organization import Organization
from models.types import OF_PLATFORM, Choice, UtcDateTime, choice

# Under names of their own, since the statements that they limit read the same tables.
_members = table("thread_members", column("thread_id"), column("member_id")).alias("taking_part")
_tickets = table("threads", column("id"), column("kind")).alias("tickets")
_IS_UNREAD = text("unread > 0")


class ThreadKind(Choice):
    INTERNAL = "internal", _("Message")
    TICKET = "ticket", _("Ticket")


class ThreadStatus(Choice):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class Urgency(Choice):
    LOW = "low", _("Low urgency")
    NORMAL = "normal", _("Normal urgency")
    HIGH = "high", _("Urgent")


def takes_part(thread_id: Any, member_id: int) -> ColumnElement[bool]:
    """Whether the member takes part in the thread."""
    mine = select(1).select_from(_members)
    return exists(mine.where(_members.c.thread_id == thread_id, _members.c.member_id == member_id))


def is_ticket(thread_id: Any) -> ColumnElement[bool]:
    """Whether the thread is a ticket."""
    found = select(1).select_from(_tickets)
    return exists(found.where(_tickets.c.id == thread_id, _tickets.c.kind == ThreadKind.TICKET.value))


class Thread(Row, Tenant, Authored, Versioned, Searchable, Undoable, Model):
    """A conversation; its members read it, and of a ticket also the support and the sender's managers."""

    __tablename__ = "threads"
    __table_args__ = (
        trigram("ix_threads_search_key", "search_key"),
        # The list of a member is read from `thread_members`, that of tickets from here.
        Index("ix_threads_kind", "organization_id", "kind", "status", "last_message_at", "id"),
        Index("ix_threads_queue", "kind", "status", "last_message_at", "id"),
        set_index("ix_threads_assigned_to", "assigned_to_id", "last_message_at", "id"),
        # The rows of an act, for its undo.
        set_index("ix_threads_acted", "acted_by_id", "acted_at", "id"),
    )
    __search__ = ("subject",)
    __private__ = True

    # Not indexed alone: the index above begins with it.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[ThreadKind] = field(_("Kind"), choice(ThreadKind), default=ThreadKind.INTERNAL)
    subject: Mapped[str | None] = field(_("Subject"), String(160))
    status: Mapped[ThreadStatus] = field(_("Status"), choice(ThreadStatus), default=ThreadStatus.OPEN)
    closed_at: Mapped[datetime | None] = field(_("Closed at"), UtcDateTime)
    closed_by_id: Mapped[int | None] = field(_("Closed by"), ForeignKey("ab_user.id"))
    # Copied from the last message, so that a list reads no messages.
    last_message_at: Mapped[datetime] = field(_("Last message"), UtcDateTime, default=now)
    last_text: Mapped[str] = mapped_column(String(160), default="")
    last_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    # Of tickets alone.
    urgency: Mapped[Urgency | None] = field(_("Urgency"), choice(Urgency))
    # What the sender added about the page: its address, the browser, the request id.
    about: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    assigned_to_id: Mapped[int | None] = field(_("Assigned to"), ForeignKey("ab_user.id"))
    first_answer_at: Mapped[datetime | None] = field(_("First answer"), UtcDateTime)
    solved_at: Mapped[datetime | None] = field(_("Solved at"), UtcDateTime)

    created_by: Mapped[Member | None] = relationship(foreign_keys="Thread.created_by_id")
    closed_by: Mapped[Member | None] = relationship(foreign_keys="Thread.closed_by_id")
    last_by: Mapped[Member | None] = relationship(foreign_keys="Thread.last_by_id")
    assigned_to: Mapped[Member | None] = relationship(
        foreign_keys="Thread.assigned_to_id", info={OF_PLATFORM: True}
    )
    organization: Mapped[Organization] = relationship(viewonly=True)
    members: Mapped[list[ThreadMember]] = relationship(back_populates="thread")

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        """The threads in which the member takes part."""
        return takes_part(cls.id, member_id)

    @classmethod
    def ticket_rows(cls) -> ColumnElement[bool]:
        return cls.kind == ThreadKind.TICKET

    @reads("subject")
    def __str__(self) -> str:
        return self.subject or ""


class ThreadMember(Row, Tenant, Model):
    """One member of a thread, and what they have read of it."""

    __tablename__ = "thread_members"
    __table_args__ = (
        Index("uq_thread_members", "thread_id", "member_id", unique=True),
        # The conversations of a member, the latest first, and those with unread messages.
        Index("ix_thread_members_latest", "member_id", "last_message_at", "thread_id"),
        Index(
            "ix_thread_members_unread",
            "member_id",
            "thread_id",
            postgresql_where=_IS_UNREAD,
            sqlite_where=_IS_UNREAD,
        ),
    )
    __private__ = True

    # Not indexed alone: members are read by their thread, or by the member.
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    # Copied from the thread, so that the list of a member reads one range of an index.
    last_message_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    # The number of messages that the member has not read, and the last one that they have.
    unread: Mapped[int] = mapped_column(default=0)
    last_read_id: Mapped[int | None] = mapped_column(BigInteger)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    thread: Mapped[Thread] = relationship(back_populates="members")
    member: Mapped[Member] = relationship()

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        """The members of the threads in which the member takes part."""
        return takes_part(cls.thread_id, member_id)

    @classmethod
    def ticket_rows(cls) -> ColumnElement[bool]:
        return is_ticket(cls.thread_id)
