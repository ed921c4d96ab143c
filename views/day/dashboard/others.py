"""The dashboards of support agents and of the people of the platform."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.lib.persian import group_number
from app.panel.access import permitted_section
from app.panel.actor import acts_somewhere, member_id, serves_tickets
from app.panel.formatting import badge, spoken_time
from app.panel.queries.counts import capped_counts
from app.panel.queries.moments import midnight
from app.services.ticket.people import has_no_operator
from models.messages.thread import Thread, ThreadKind, ThreadStatus
from models.organization import Organization, OrganizationStatus
from models.sale import Sale
from views.day.dashboard.changes import Number
from views.day.dashboard.words import address

_MOST = 6


def support_parts() -> dict[str, Any]:
    """The sales that wait for support: without an entry, and those whose next contact is due."""
    fresh = select(Sale).where(Sale.is_supported(), Sale.last_support_result_id.is_(None))
    due = select(Sale).where(Sale.is_supported(), Sale.support_next_at < midnight(1))
    counts = capped_counts({"dashboard fresh": fresh, "dashboard due": due})
    numbers = [
        Number(label, badge(counts[name]), url=address("support", tab=tab) if counts[name] else None)
        for label, name, tab in (
            (_("Sales without support"), "dashboard fresh", "new"),
            (_("Sales that need a call"), "dashboard due", "due"),
        )
    ]
    read = [joinedload(Sale.customer), joinedload(Sale.last_support_result)]
    rows = [
        *db.session.scalars(due.options(*read).order_by(Sale.support_next_at, Sale.id).limit(_MOST)),
        *db.session.scalars(fresh.options(*read).order_by(Sale.id).limit(_MOST)),
    ]
    return {"numbers": numbers, "sales": [_sale_line(row) for row in rows[:_MOST]]}


def _sale_line(row: Sale) -> dict[str, Any]:
    section = permitted_section("support", "can_list")
    result = row.last_support_result
    return {
        "key": row.id,
        "name": str(row.customer),
        "about": str(result) if result else _("Register support"),
        "colour": result.colour.value if result else "gray",
        "delay": spoken_time(row.support_next_at or row.sold_at, can_be_late=row.support_next_at is not None),
        "mobile": row.customer.mobile,
        "url": f"{section.base_url}{row.id}/panel" if section else None,
    }


def platform_parts() -> dict[str, Any]:
    """The organisations by status, for those who may list them; the health is that of this request."""
    if permitted_section("organizations", "can_list") is None or acts_somewhere():
        answers = serves_tickets() and permitted_section("tickets", "can_list") is not None
        return {"numbers": _ticket_numbers() if answers else []}
    rows = db.session.execute(select(Organization.status, func.count()).group_by(Organization.status)).all()
    counts: dict[OrganizationStatus, int] = {status: count for status, count in rows}  # noqa: C416 - rows are no pairs to mypy
    return {
        "numbers": [
            Number(
                str(status),
                group_number(counts.get(status, 0)),
                url=address(
                    "organizations",
                    tab="deleted" if status is OrganizationStatus.DELETED else None,
                    f_status=None if status is OrganizationStatus.DELETED else status.value,
                )
                if counts.get(status)
                else None,
            )
            for status in OrganizationStatus
        ],
        "health_url": "/readyz",
    }


def _ticket_numbers() -> list[Number]:
    """The open tickets of all organisations, for those who answer them."""
    is_open = select(Thread).where(Thread.kind == ThreadKind.TICKET, Thread.status == ThreadStatus.OPEN)
    parts = {
        "unassigned": (_("Open tickets without an operator"), is_open.where(has_no_operator())),
        "mine": (_("My open tickets"), is_open.where(Thread.assigned_to_id == member_id())),
        "open": (_("All open tickets"), is_open),
    }
    counts = capped_counts({f"dashboard {tab}": statement for tab, (_label, statement) in parts.items()})
    return [
        Number(
            label,
            badge(counts[f"dashboard {tab}"]),
            url=address("tickets", tab=tab) if counts[f"dashboard {tab}"] else None,
        )
        for tab, (label, _statement) in parts.items()
    ]
