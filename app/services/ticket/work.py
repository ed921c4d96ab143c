"""Work on tickets: answers, closing, assigning; the support writes into the organisation of a ticket."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import Upload
from app.services.audit.record import record
from app.services.bulk import insert_all
from app.services.message.send import answer, lock
from app.services.message.status import close, reopen
from app.services.ticket.people import operators
from models.member import Member
from models.messages.message import Message
from models.messages.thread import Thread, ThreadMember
from models.tenancy.scope import actor_of, within_organization


def answer_ticket(
    ticket: Thread, text: str, *, uploads: Sequence[Upload] = (), token: UUID | None = None
) -> Message:
    """Add a message of its sender or of the support; a closed ticket is opened again."""
    with writing_into(ticket) as is_support:
        if is_support:
            # Two first answers of one operator at once would both add them.
            lock(ticket)
            _take_part(ticket, acting_member_id())
        message = answer(ticket, text, uploads=uploads, token=token)
        ticket.solved_at = None
        if is_support and ticket.first_answer_at is None and ticket.created_by_id != acting_member_id():
            ticket.first_answer_at = message.at
    return message


def close_ticket(ticket: Thread) -> bool:
    """Close the ticket as solved; False where it is closed already."""
    return _moved(ticket, close, solved=True)


def reopen_ticket(ticket: Thread) -> bool:
    """Open the ticket again; False where it is open already."""
    return _moved(ticket, reopen, solved=False)


def _moved(ticket: Thread, move: Callable[[Thread], bool], *, solved: bool) -> bool:
    with writing_into(ticket):
        if not move(ticket):
            return False
        ticket.solved_at = ticket.closed_at if solved else None
    return True


def assign_ticket(ticket: Thread, operator_id: int | None) -> int | None:
    """Give the ticket to an operator, or to none; returns who had it before."""
    if operator_id is not None and db.session.scalar(operators().where(Member.id == operator_id)) is None:
        raise DomainError(_("Choose one of the operators."), field="operator")
    with writing_into(ticket):
        lock(ticket)
        before = ticket.assigned_to_id
        if before == operator_id:
            return before
        ticket.assigned_to_id = operator_id
        if operator_id is not None:
            _take_part(ticket, operator_id)
        record("assign", ticket)
    return before


def may_write(ticket: Thread) -> bool:
    """Whether the acting member takes part, or is of the support; a manager only reads the others' tickets."""
    if actor_of(db.session()).serves_tickets:
        return True
    mine = select(ThreadMember.id).where(
        ThreadMember.thread_id == ticket.id, ThreadMember.member_id == acting_member_id()
    )
    return db.session.scalar(mine) is not None


@contextmanager
def writing_into(ticket: Thread) -> Iterator[bool]:
    """Write into the organisation of the ticket; yields whether the support does."""
    if not actor_of(db.session()).serves_tickets:
        yield False
        return
    with within_organization(db.session(), ticket.organization_id):
        yield True


def _take_part(ticket: Thread, member_id: int) -> None:
    known = select(ThreadMember.id).where(
        ThreadMember.thread_id == ticket.id, ThreadMember.member_id == member_id
    )
    if db.session.scalar(known) is None:
        row: dict[str, Any] = {
            "thread_id": ticket.id,
            "member_id": member_id,
            "last_message_at": ticket.last_message_at,
        }
        insert_all(ThreadMember, [row])


def acting_member_id() -> int:
    member_id = actor_of(db.session()).member_id
    if member_id is None:
        raise LookupError("a ticket needs a member who works on it")
    return member_id
