"""The page of a ticket: its messages, what it is about, and the tools of the support."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import Upload
from app.lib.digits import parse_int
from app.lib.persian import persian_digits
from app.panel.access import lock_membership, permitted, requires
from app.panel.action import Done
from app.panel.actor import serves_tickets
from app.panel.messages import storable_text
from app.panel.rates.groups import Group, limited
from app.panel.responses import failure, success_at
from app.panel.section import Section
from app.services.ticket.notes import note_on, notes_of
from app.services.ticket.people import People, people_of
from app.services.ticket.work import answer_ticket, assign_ticket, close_ticket, may_write, reopen_ticket
from models.messages.message import Message
from models.messages.note import TicketNote
from models.messages.thread import Thread, ThreadKind
from views.threads.talk import Talk
from views.threads.talk_routes import TalkRoutes


@dataclass(frozen=True)
class Desk:
    """What the support alone sees beside a ticket."""

    people: People
    first_answer: str
    solution: str
    notes: Sequence[TicketNote]
    may_assign: bool
    may_note: bool


class TicketRoutes(TalkRoutes, Section):
    """Besides the addresses of conversations: POST of /<pk>/assign and /<pk>/note."""

    kinds: ClassVar[Sequence[ThreadKind]] = (ThreadKind.TICKET,)

    def talk(self, pk: str, *, writes: bool = False) -> Talk:
        """The ticket that the member may read; 404 for any other, and for one that they only read but would change."""
        talk = super().talk(pk)
        if writes and not may_write(talk.thread):
            abort(404)
        return talk

    def talk_page(self, parts: dict[str, Any]) -> str:
        beside = self._beside(parts["talk"])
        return self.render_template("day/ticket/show.html", **parts, **beside, section=self)

    def add_answer(self, thread: Thread, text: str, uploads: Sequence[Upload], token: UUID) -> Message:
        return answer_ticket(thread, text, uploads=uploads, token=token)

    def close_thread(self, thread: Thread) -> bool:
        return close_ticket(thread)

    def reopen_thread(self, thread: Thread) -> bool:
        return reopen_ticket(thread)

    def _beside(self, talk: Talk) -> dict[str, Any]:
        ticket = talk.thread
        return {
            "ticket": ticket,
            "about": _about(ticket),
            "desk": self._desk(ticket) if serves_tickets() else None,
            "is_writer": serves_tickets() or talk.me is not None,
            "back_url": self.base_url,
            "close_label": _("Close the ticket"),
            "back_label": _("Back to the tickets"),
        }

    def _desk(self, ticket: Thread) -> Desk:
        notes = notes_of(ticket)
        return Desk(
            people=people_of(ticket, notes),
            first_answer=span_words(ticket.created_at, ticket.first_answer_at),
            solution=span_words(ticket.created_at, ticket.solved_at),
            notes=notes,
            may_assign=permitted(self, "can_assign"),
            may_note=permitted(self, "can_note"),
        )

    @expose("/<pk>/assign", methods=["POST"])
    @requires("assign")
    def assign(self, pk: str) -> Response:
        """Give the ticket to the operator of the form, or to none."""
        lock_membership()
        ticket = self.talk(pk, writes=True).thread
        key, text = ticket.id, request.values.get("operator", "").strip()
        address, chosen = f"{self.base_url}show/{key}", parse_int(text)
        if chosen is None and text:
            return failure(_("Choose one of the list."), address)
        try:
            before = assign_ticket(ticket, chosen or None)
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), address)
        db.session.commit()
        words = _("The ticket is assigned.") if chosen else _("The ticket has no operator any more.")
        return success_at(Done(words, f"{self.base_url}{key}/assign?operator={before or 0}"), address)

    @expose("/<pk>/note", methods=["POST"])
    @requires("note")
    @limited(write=Group.CHAT)
    def note(self, pk: str) -> Response:
        """Add an internal note."""
        lock_membership()
        ticket = self.talk(pk, writes=True).thread
        address = f"{self.base_url}show/{ticket.id}"
        try:
            note_on(ticket, storable_text(request.form.get("note", "").strip(), field="note"))
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), address)
        db.session.commit()
        return success_at(Done(_("The note is added.")), address)


def span_words(start: datetime, end: datetime | None) -> str:
    """The time from *start* to *end* in its largest unit; empty without an end."""
    if end is None:
        return ""
    minutes = max(1, round((end - start).total_seconds() / 60))
    if minutes < 120:
        words = ngettext("%(num)s minute", "%(num)s minutes", minutes)
    elif minutes < 48 * 60:
        words = ngettext("%(num)s hour", "%(num)s hours", round(minutes / 60))
    else:
        words = ngettext("%(num)s day", "%(num)s days", round(minutes / 1440))
    return str(persian_digits(words))


def _about(ticket: Thread) -> list[tuple[str, str]]:
    """What the sender added about the page, with labels."""
    stored = ticket.about or {}
    labels = (("page", _("Page")), ("browser", _("Browser")), ("request", _("Tracking code")))
    return [(label, str(stored[name])) for name, label in labels if stored.get(name)]
