"""Whom a ticket notifies, and where the notification leads."""

from __future__ import annotations

from sqlalchemy import Select, select, true

from app.services.ticket.people import has_no_operator
from models.member import Member
from models.messages.message import Message
from models.messages.thread import Thread, ThreadKind, ThreadMember


def readers() -> Select[int, int]:
    """Who takes part in the ticket of a message."""
    taking_part = select(ThreadMember.member_id, Message.id).join(
        Message, Message.thread_id == ThreadMember.thread_id
    )
    return taking_part.join(Thread, Thread.id == Message.thread_id).where(Thread.kind == ThreadKind.TICKET)


def waiting_operators() -> Select[int, int]:
    """All operators, for the messages of tickets that none of them has."""
    unassigned = Thread.kind == ThreadKind.TICKET, has_no_operator()
    return (
        select(Member.id, Message.id)
        .select_from(Message)
        .join(Thread, Thread.id == Message.thread_id)
        .join(Member, true())
        .where(
            *unassigned,
            Member.organization_id.is_(None),
            Member.active.is_(True),
            Member.roles.any(name="Operator"),
            Member.id.not_in(
                select(ThreadMember.member_id).where(ThreadMember.thread_id == Message.thread_id)
            ),
        )
    )


def subject_of(message: Message) -> str:
    return str(message.thread)


def page_of(message: Message) -> str:
    return f"/tickets/show/{message.thread_id}"
