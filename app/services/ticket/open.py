"""New tickets, of a member or of the support."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import Upload
from app.lib.persian import is_blank
from app.services.message.send import begin, refuse_wrong
from app.services.ticket.work import acting_member_id
from models.member import Member
from models.messages.thread import Thread, ThreadKind, Urgency
from models.organization import Organization
from models.role import READS_TICKETS
from models.tenancy.scope import within_organization


@dataclass(frozen=True)
class Question:
    """What a ticket asks; `about` has the address, the browser and the request that the sender added."""

    subject: str
    text: str
    urgency: Urgency = Urgency.NORMAL
    about: dict[str, str] = field(default_factory=dict)
    uploads: Sequence[Upload] = ()


def open_ticket(question: Question) -> Thread:
    """Open a ticket of the acting member."""
    return _opened(question, [acting_member_id()])


def open_for(organization: Organization, question: Question) -> Thread:
    """Open a ticket of the support to the managers of *organization*."""
    managers = db.session.scalars(
        select(Member.id)
        .where(
            Member.organization_id == organization.id,
            Member.active.is_(True),
            Member.roles.any(name=next(iter(READS_TICKETS))),
        )
        .order_by(Member.id)
    ).all()
    if not managers:
        raise DomainError(_("This organisation has no active manager."), field="receiver")
    with within_organization(db.session(), organization.id):
        ticket = _opened(question, [acting_member_id(), *managers])
        ticket.assigned_to_id = acting_member_id()
    return ticket


def _opened(question: Question, members: Sequence[int]) -> Thread:
    if is_blank(question.subject):
        raise DomainError(_("Please fill in this field."), field="subject")
    if is_blank(question.text):
        raise DomainError(_("Please fill in this field."), field="text")
    refuse_wrong(question.text, question.uploads)
    ticket = Thread(
        kind=ThreadKind.TICKET,
        subject=question.subject,
        urgency=question.urgency,
        about=question.about or None,
    )
    begin(ticket, members, question.text, question.uploads)
    return ticket
