"""The lines of the file about a customer: their rows of each table, and the events of these."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import inspect

from app.extensions import db
from app.lib.jalali import format_datetime
from app.lib.mobile import display_mobile
from app.panel.actor import currency
from app.panel.columns import Kind
from app.panel.formatting import currency_unit
from app.panel.records.history import HistoryEntry, events_of_rows
from app.panel.records.history_labels import column_of, kind_words, name_of
from app.panel.records.history_values import shown
from app.services.erasure.person import read_person
from app.services.erasure.stored import Stored, stored_rows
from models.audit.values import plain
from models.customer import Customer
from models.order import Order
from models.tenancy.scope import whole_organization


class Line(NamedTuple):
    """A line of the sheet: part, what, when and details."""

    part: str
    what: str
    at: str = ""
    details: str = ""


def lines_of(customer: Customer) -> Iterator[Line]:
    """All lines about *customer* and those that were merged into them."""
    kinds = kind_words()
    with whole_organization(db.session()):
        keys: dict[str, list[int]] = {}
        for table, rows in stored_rows(read_person(customer)):
            kind = table.model.__name__
            keys[kind] = [row.id for row in rows]
            for row in rows:
                yield _line(kinds.get(kind, kind), table, row)
        for kind, numbers in keys.items():
            for entry in events_of_rows(kind, numbers):
                yield _event(entry)


def _line(part: str, table: Stored, row: Any) -> Line:
    kind, name = table.model.__name__, table.name
    is_column = name in inspect(table.model).column_attrs
    what = getattr(row, name)
    text = shown(kind, name, plain(what), {}) if is_column else "" if what is None else str(what)
    at: datetime | None = getattr(row, table.at, None)
    return Line(part, text, format_datetime(at) if at else "", "\n".join(_details(table, row)))


def _details(table: Stored, row: Any) -> Iterator[str]:
    """«label: value» of each column that has a value and a label, but for those in the line itself."""
    kind = table.model.__name__
    for name in (each.key for each in inspect(table.model).column_attrs):
        value, label, column = getattr(row, name), name_of(kind, name), column_of(kind, name)
        if value is None or value == "" or label is None or column is None:
            continue
        if {name, column.path} & {table.name, table.at}:
            continue
        unit = f" ({currency_unit(currency())})" if column.kind is Kind.MONEY else ""
        related = getattr(row, column.path) if column.target is not None else None
        text = shown(kind, name, plain(value), {}) if related is None else str(related)
        yield f"{label}{unit}: {text}"
    if isinstance(row, Order) and row.placed_with:
        yield f"{_('Mobile')}: {display_mobile(row.placed_with)}"
    if getattr(row, "deleted_at", None) is not None:
        yield _("In the trash")


def _event(entry: HistoryEntry) -> Line:
    changes = [*entry.differences, *(change for row in entry.also for change in row.differences)]
    details = "\n".join(f"{each.label}: {each.before} ← {each.after}" for each in changes)
    return Line(_("Audit events"), f"{entry.action}: {entry.kind}", format_datetime(entry.at), details)
