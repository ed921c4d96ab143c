"""The internal notes of tickets, which the support alone reads."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.lib.persian import is_blank
from app.services.audit.record import record
from app.services.ticket.work import acting_member_id, writing_into
from models.messages.message import LONGEST_MESSAGE
from models.messages.note import TicketNote
from models.messages.thread import Thread


def note_on(ticket: Thread, text: str) -> TicketNote:
    """Add an internal note, which the support alone reads."""
    if is_blank(text):
        raise DomainError(_("Please fill in this field."), field="note")
    if len(text) > LONGEST_MESSAGE:
        raise DomainError(_("This text is too long."), field="note")
    with writing_into(ticket):
        row = TicketNote(thread_id=ticket.id, text=text, at=now(), by_id=acting_member_id())
        db.session.add(row)
        db.session.flush()
        record("note", ticket)
    return row


def notes_of(ticket: Thread) -> Sequence[TicketNote]:
    """The internal notes, the oldest first; no rows for a member of an organisation."""
    return db.session.scalars(
        select(TicketNote).where(TicketNote.thread_id == ticket.id).order_by(TicketNote.id)
    ).all()
