"""The people of a ticket: the operators of the support, and whom it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from app.extensions import db
from models.member import Member
from models.messages.note import TicketNote
from models.messages.thread import Thread
from models.organization import Organization


def _is_operator(person: Any = Member) -> ColumnElement[bool]:
    is_active = person.organization_id.is_(None), person.active.is_(True)
    return and_(*is_active, person.roles.any(name="Operator"))


def operators() -> Select[Member]:
    """The active operators of the platform."""
    return select(Member).where(_is_operator()).order_by(Member.sort_key, Member.id)


def has_no_operator() -> ColumnElement[bool]:
    """The condition for tickets that no active operator has: one may have left, or have another role by now."""
    # An alias, since the statement around it may read members too.
    person = aliased(Member)
    working = select(person.id).where(_is_operator(person))
    return or_(Thread.assigned_to_id.is_(None), Thread.assigned_to_id.not_in(working))


@dataclass(frozen=True)
class People:
    """Whom the support sees beside a ticket; the session finds the members as long as this refers to them."""

    organization: str
    operators: Sequence[Member]
    named: Sequence[Member]


def people_of(ticket: Thread, notes: Sequence[TicketNote]) -> People:
    """The ticket's organisation, the operators, and the members whom ticket and notes name; one statement."""
    named = {ticket.created_by_id, ticket.closed_by_id, *(note.by_id for note in notes)}
    name = select(Organization.name).where(Organization.id == ticket.organization_id).scalar_subquery()
    statement = select(Member, _is_operator(), name).where(or_(_is_operator(), Member.id.in_(named - {None})))
    rows = db.session.execute(statement.order_by(Member.sort_key, Member.id)).unique().all()
    operators = [member for member, is_operator, _name in rows if is_operator]
    return People(next((row[2] for row in rows), ""), operators, [row[0] for row in rows])
