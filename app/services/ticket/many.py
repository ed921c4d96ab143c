"""Acts of the support on many tickets, and their undo."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select

from app.extensions import db
from app.services.act import Undone, before, concerns, forget_act, is_of_act, note_act, was_changed_since
from app.services.message.send import lock
from app.services.ticket.people import operators
from app.services.ticket.work import assign_ticket, close_ticket, reopen_ticket, writing_into
from models.audit.recorder import separate_event
from models.member import Member
from models.messages.thread import Thread

OPERATOR, CLOSED = "assigned_to_id", "closed_at"


def assign_tickets(tickets: Sequence[Thread], operator_id: int | None, *, at: datetime) -> int:
    """Give *tickets* to an operator, or to none, in the act of the moment *at*; returns how many had another one."""
    moved = 0
    for ticket in tickets:
        separate_event(db.session(), ticket)
        former = assign_ticket(ticket, operator_id)
        if former != operator_id:
            _note(ticket, at, OPERATOR, former, operator_id)
            moved += 1
    return moved


def close_tickets(tickets: Sequence[Thread], *, at: datetime) -> int:
    """Close *tickets* in the act of the moment *at*; returns how many were open."""
    closed = 0
    for ticket in tickets:
        separate_event(db.session(), ticket)
        if close_ticket(ticket):
            _note(ticket, at, CLOSED, None, ticket.closed_at)
            closed += 1
    return closed


def undo_on_tickets(rows: Select[Any], column: str, at: datetime) -> Undone:
    """Undo what the acting operator did at *at* to *column* of tickets in *rows*, except what was changed since."""
    tickets = db.session.scalars(rows.where(is_of_act(Thread, at)).order_by(Thread.id)).all()
    active = _active_operators(tickets) if column == OPERATOR else ()
    keys, reasons = [], []
    for ticket in tickets:
        with writing_into(ticket):
            lock(ticket)
            if not concerns(ticket, column):
                continue
            reason = _reason(ticket, column, active)
            if reason is None:
                _bring_back(ticket, column)
                keys.append(ticket.id)
            else:
                reasons.append(reason)
    return Undone(keys, reasons)


def _note(ticket: Thread, at: datetime, column: str, former: Any, new: Any) -> None:
    with writing_into(ticket):
        note_act(ticket, at, column, former, new)
        db.session.flush()


def _bring_back(ticket: Thread, column: str) -> None:
    separate_event(db.session(), ticket)
    if column == OPERATOR:
        assign_ticket(ticket, before(ticket, column))
    else:
        reopen_ticket(ticket)
    forget_act(ticket)
    db.session.flush()


def _active_operators(tickets: Sequence[Thread]) -> Collection[int | None]:
    former = {before(ticket, OPERATOR) for ticket in tickets if concerns(ticket, OPERATOR)}
    found = db.session.scalars(operators().with_only_columns(Member.id).where(Member.id.in_(former - {None})))
    return {None, *found}


def _reason(ticket: Thread, column: str, active: Collection[int | None]) -> str | None:
    """Why the ticket stays as it is; None where the act on it can be undone."""
    if was_changed_since(ticket, column):
        return _("it was changed since")
    if column == OPERATOR and before(ticket, column) not in active:
        return _("its former operator is not active")
    return None
