"""The results of follow-ups on a timeline."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, select

from app.panel.timeline import Event, Record, Source
from models.attachment import Attachment
from models.customer import Customer
from models.follow_up import FollowUp, FollowUpEntry
from models.order import Order


def _event(row: Any) -> Event:
    title, about, by = str(row.result_title), str(row.follow_up.product), str(row.by)
    if row.undoes_id is not None:
        return Event(
            icon="arrow-back-up", title=_("Taken back: %(title)s", title=title), by=by, is_small=True
        )
    return Event(
        icon="phone",
        chip=_("%(title)s (taken back)", title=title) if row.is_undone else title,
        colour="gray" if row.is_undone else row.result_title.colour.value,
        about=about,
        text=row.note or "",
        by=by,
        next_at=row.next_at,
    )


def _in_scope(follow_ups: Select[Any], _record: Record) -> ColumnElement[bool]:
    return follow_ups.where(FollowUp.id == FollowUpEntry.follow_up_id).exists()


def _of_order(order: Record) -> ColumnElement[bool]:
    # An order has one follow-up that is not deleted.
    found = select(FollowUp.id).where(FollowUp.order_id == order["id"], FollowUp.deleted_at.is_(None))
    return FollowUpEntry.follow_up_id == found.limit(1).scalar_subquery()


RESULTS = Source(
    section="follow-ups",
    model=FollowUpEntry,
    at="at",
    of={
        Customer: lambda customer: FollowUpEntry.customer_id == customer["id"],
        Order: _of_order,
        FollowUp: lambda follow_up: FollowUpEntry.follow_up_id == follow_up["id"],
    },
    scope=_in_scope,
    event=_event,
    reads=(
        "result_title",
        "result_title.colour",
        "is_undone",
        "undoes_id",
        "follow_up.product",
        "follow_up_id",
        "note",
        "next_at",
        "by",
    ),
    files=Attachment.follow_up_entry_id,
    files_url=lambda row: f"/follow-ups/{row.follow_up_id}",
)
