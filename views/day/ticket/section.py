"""Tickets: those of a member, those of an organisation for its managers, and the queue of the support."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, select

from app.extensions import db
from app.panel.access import Access, permitted, permitted_section
from app.panel.actor import member_id, serves_tickets
from app.panel.columns import Column
from app.panel.displays import Chip
from app.panel.errors.report import report_errors_at
from app.panel.notifications import Notify
from app.panel.queries.counts import cached_count
from app.panel.words import Card, Tab
from app.services.ticket.open import open_for, open_ticket
from app.services.ticket.people import has_no_operator
from models.messages.message import Message
from models.messages.thread import Thread, ThreadKind, ThreadStatus, Urgency
from models.organization import Organization
from views import groups
from views.day.ticket.form import TicketForm
from views.day.ticket.many import ManyTickets
from views.day.ticket.notices import page_of, readers, subject_of, waiting_operators


def _report_form() -> str | None:
    """The form of a ticket, for members of an organisation who may open one."""
    section = None if serves_tickets() else permitted_section(Tickets.slug, "can_add")
    return None if section is None else f"{section.base_url}add"


report_errors_at(_report_form)

URGENCIES = {Urgency.LOW: "gray", Urgency.NORMAL: "blue", Urgency.HIGH: "red"}
STATUSES = {ThreadStatus.OPEN: "green", ThreadStatus.CLOSED: "gray"}
# What the members of an organisation do not see of a ticket.
OF_SUPPORT = frozenset({"organization", "assigned_to"})


def _is_open() -> ColumnElement[bool]:
    return and_(Thread.kind == ThreadKind.TICKET, Thread.status == ThreadStatus.OPEN)


def _is_closed() -> ColumnElement[bool]:
    return and_(Thread.kind == ThreadKind.TICKET, Thread.status == ThreadStatus.CLOSED)


def _is_mine() -> ColumnElement[bool]:
    return and_(_is_open(), Thread.assigned_to_id == member_id())


def _is_unassigned() -> ColumnElement[bool]:
    return and_(_is_open(), has_no_operator())


class Tickets(ManyTickets):
    model = Thread
    slug = "tickets"
    title, title_one = _l("Tickets"), _l("ticket")
    group, icon, menu_order = groups.DAY, "lifebuoy", 145
    preload = ("status",)
    # Members reach their tickets from their messages.
    menu_right = "assign"
    needs_organization = False
    exclude_route_methods = {
        "download", "edit", "inline_edit", "delete", "undo", "lookup",
    }  # fmt: skip

    columns = (
        "subject",
        Chip("urgency", URGENCIES),
        Chip("status", STATUSES),
        "organization",
        "created_by",
        "last_message_at",
        "assigned_to",
    )
    labels = {"created_by": _l("Sender"), "organization": _l("Organisation")}
    card = Card(("created_by", "last_message_at"), chip="urgency")
    empty = _l("No ticket yet")
    empty_hint = _l("A question to the support of the platform stands here with its answers.")
    search = ("self",)
    search_hint = _l("Subject …")
    filters = ("urgency", "status")
    sortable = ("last_message_at",)
    sort = "-last_message_at"
    tabs = (
        Tab(
            "open",
            _l("Open"),
            _is_open,
            counted=True,
            empty=_l("No ticket is open"),
            empty_hint=_l("A question to the support of the platform stands here with its answers."),
        ),
        Tab(
            "mine",
            _l("Mine"),
            _is_mine,
            counted=True,
            empty=_l("No open ticket is assigned to you."),
            empty_hint=_l("A ticket that you take over stands here until it is closed."),
        ),
        Tab(
            "unassigned",
            _l("Without an operator"),
            _is_unassigned,
            counted=True,
            empty=_l("Each open ticket has an operator."),
            empty_hint=_l("A new ticket waits here for an operator."),
        ),
        Tab(
            "closed",
            _l("Closed"),
            _is_closed,
            empty=_l("No ticket is closed yet."),
            empty_hint=_l("A solved ticket comes here, and a further answer opens it again."),
        ),
    )
    right_labels = {
        "close": _l("Close and reopen"),
        "assign": _l("Assign to operators"),
        "note": _l("Internal notes"),
    }

    roles = {
        role: Access.READ | Access.ADD | Access.actions("close")
        for role in ("Manager", "Consultant", "SupportAgent")
    } | {"Operator": Access.READ | Access.ADD | Access.actions("close", "assign", "note")}

    notify = (
        Notify(
            model=Message,
            on="thread",
            once_per="thread",
            to=readers,
            text=_l("New answer to the ticket «%(name)s»"),
            many=_l("%(num)s new answers to the ticket «%(name)s»"),
            name=subject_of,
            opens=page_of,
        ),
        Notify(
            model=Message,
            on="at",
            once_per="thread",
            to=waiting_operators,
            text=_l("The ticket «%(name)s» waits for an operator"),
            many=_l("The ticket «%(name)s» with %(num)s messages waits for an operator"),
            name=subject_of,
            opens=page_of,
        ),
    )

    @staticmethod
    def menu_count() -> int | None:
        """The tickets without an operator, for the support."""
        return cached_count(Thread, "unassigned", _is_unassigned) if serves_tickets() else None

    def statement(self) -> Select[Any]:
        return super().statement().where(Thread.kind == ThreadKind.TICKET)

    def rows_to_open(self, model: Any) -> Select[Any] | None:
        if model is Message and permitted(self, "can_show"):
            tickets = select(Thread.id).where(Thread.kind == ThreadKind.TICKET)
            return select(Message).where(Message.thread_id.in_(tickets))
        return super().rows_to_open(model)

    def visible_tabs(self) -> Sequence[Tab]:
        return [tab for tab in self.tabs if serves_tickets() or tab.key in {"open", "closed"}]

    def shown_columns(self, tab: str | None = None) -> Sequence[Column]:
        shown = super().shown_columns(tab)
        return shown if serves_tickets() else [each for each in shown if each.path not in OF_SUPPORT]

    def add_form_class(self) -> type[TicketForm]:
        return TicketForm

    def preset(self, form: Any) -> None:
        form.subject.data = request.args.get("subject", "")[:160] or None
        form.code.data = request.args.get("code", "")[:40] or None

    def store(self, item: Thread, form: Any, *, existing: bool) -> Thread:
        if not serves_tickets():
            return open_ticket(form.question())
        organization = db.session.get_one(Organization, int(form.receiver.data))
        return open_for(organization, form.question())

    def after_save_url(self, item: Any) -> str:
        return f"{self.base_url}show/{item.id}"
