"""Support entries on the timelines of customers and sales."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select

from app.panel.timeline import Event, Record, Source
from models.attachment import Attachment
from models.customer import Customer
from models.sale import Sale
from models.support import SupportEntry


def _event(row: Any) -> Event:
    title, by = str(row.result_title), str(row.by)
    if row.undoes_id is not None:
        return Event(
            icon="arrow-back-up", title=_("Taken back: %(title)s", title=title), by=by, is_small=True
        )
    return Event(
        icon="headset",
        chip=_("%(title)s (taken back)", title=title) if row.is_undone else title,
        colour="gray" if row.is_undone else row.result_title.colour.value,
        about=_("Support"),
        text=row.note or "",
        by=by,
        next_at=row.next_at,
    )


def _in_scope(sales: Select[Any], _record: Record) -> ColumnElement[bool]:
    return sales.where(Sale.id == SupportEntry.sale_id).exists()


SUPPORT = Source(
    section="support",
    model=SupportEntry,
    at="at",
    of={
        Customer: lambda customer: SupportEntry.customer_id == customer["id"],
        Sale: lambda sale: SupportEntry.sale_id == sale["id"],
    },
    scope=_in_scope,
    event=_event,
    reads=(
        "result_title",
        "result_title.colour",
        "is_undone",
        "undoes_id",
        "sale_id",
        "note",
        "next_at",
        "by",
    ),
    files=Attachment.support_entry_id,
    files_url=lambda row: f"/support/{row.sale_id}",
)
