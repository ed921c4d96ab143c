"""Tickets of the demo: one that waits, one that an operator works on, and one that is solved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from app.lib.persian import fold, sort_key
from app.services.bulk import insert_all, insert_keyed
from app.services.demo.day.questions import OPERATOR, TICKETS, Ticket
from models.member import Member
from models.messages.message import Message
from models.messages.note import TicketNote
from models.messages.thread import Thread, ThreadKind, ThreadMember, ThreadStatus
from models.tenancy.scope import actor_of, bind, whole_organization


def write_tickets(people: Mapping[str, Any]) -> None:
    """Write the tickets of *people*, the members of the acting organisation by their part."""
    operator_id = db.session.scalars(select(Member.id).where(Member.username == OPERATOR)).one()
    ids = {name: person.id for name, person in people.items()} | {OPERATOR: operator_id}
    moment, actor = now(), actor_of(db.session())
    # The senders and the operator write, not the acting member.
    bind(db.session(), replace(actor, serves_tickets=True))
    with whole_organization(db.session()):
        for ticket in TICKETS:
            _write(ticket, ids, moment)
    bind(db.session(), actor)


def _write(ticket: Ticket, ids: Mapping[str, int], moment: datetime) -> None:
    at = [moment - timedelta(minutes=each.ago) for each in ticket.said]
    by = [ids[each.by] for each in ticket.said]
    answers = [at[number] for number, each in enumerate(ticket.said) if each.by == OPERATOR]
    row: dict[str, Any] = {
        "kind": ThreadKind.TICKET,
        "subject": ticket.subject,
        "urgency": ticket.urgency,
        "about": ticket.about,
        "search_key": fold(ticket.subject),
        "sort_key": sort_key(ticket.subject),
        "created_at": at[0],
        "created_by_id": by[0],
        "last_message_at": at[-1],
        "last_text": ticket.said[-1].text[:160],
        "last_by_id": by[-1],
        "assigned_to_id": ids[OPERATOR] if answers else None,
        "first_answer_at": answers[0] if answers else None,
    }
    if ticket.is_closed:
        row |= {
            "status": ThreadStatus.CLOSED,
            "closed_at": at[-1],
            "closed_by_id": by[-1],
            "solved_at": at[-1],
        }
    [key] = insert_keyed(Thread, [row])
    messages = insert_keyed(
        Message,
        [
            {"thread_id": key, "text": each.text, "at": moment, "by_id": sender}
            for each, moment, sender in zip(ticket.said, at, by, strict=True)
        ],
    )
    read = {"thread_id": key, "last_message_at": at[-1], "last_read_id": messages[-1], "read_at": at[-1]}
    insert_all(ThreadMember, [read | {"member_id": member_id} for member_id in dict.fromkeys(by)])
    if ticket.note:
        insert_all(
            TicketNote, [{"thread_id": key, "text": ticket.note, "at": at[-1], "by_id": ids[OPERATOR]}]
        )
