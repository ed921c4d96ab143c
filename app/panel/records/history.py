"""Audit events as a page shows them: who, when, which row, and the changed values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.lib.persian import persian_letters
from app.panel.records.history_labels import action_words, column_of, kind_words, name_of
from app.panel.records.history_values import Names, shown
from models.audit.changes import ALSO, LABEL, ROWS
from models.audit.event import AuditEvent
from models.base import Row
from models.organization import Organization
from models.tenancy.scope import actor_of, bind

MOST_EVENTS = 100


@dataclass(frozen=True)
class ColumnChange:
    """The value of a column before and after an event."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class RowChange:
    """Another row that an event changed."""

    kind: str
    action: str
    differences: Sequence[ColumnChange]
    label: str = ""  # which line of the row it was


@dataclass(frozen=True)
class HistoryEntry:
    """One event, ready for its template; `also` are the other rows that it changed."""

    id: int
    at: datetime
    who: str
    action: str
    kind: str
    label: str
    differences: Sequence[ColumnChange]
    also: Sequence[RowChange]
    request_id: str | None


def events_of_row(row: Row) -> list[HistoryEntry]:
    """The events of *row*, newest first, including those of bulk actions on several rows."""
    with _scope_of(row):
        statement = (
            select(AuditEvent)
            .where(AuditEvent.object_type == type(row).__name__, _about(row.id))
            .order_by(AuditEvent.id.desc())
            .options(joinedload(AuditEvent.actor))
        )
        return history_entries(db.session.scalars(statement.limit(MOST_EVENTS)).all(), only=row.id)


def events_of_rows(kind: str, keys: Sequence[int]) -> Iterator[HistoryEntry]:
    """All events of the rows *keys* of a *kind*, oldest first; of an event on several rows the part of these."""
    for start in range(0, len(keys), MOST_EVENTS):
        some = keys[start : start + MOST_EVENTS]
        statement = select(AuditEvent).where(AuditEvent.object_type == kind, or_(*map(_about, some)))
        for event in db.session.scalars(statement.order_by(AuditEvent.id)):
            for key in [event.object_id] if event.object_id is not None else rows_of(event):
                [entry] = history_entries([event], only=key) if key in some else [None]
                if entry is not None:
                    # Other rows of an event on several rows may be those of other persons.
                    yield entry if event.object_id is not None else replace(entry, also=())


def history_entries(events: Sequence[AuditEvent], *, only: int | None = None) -> list[HistoryEntry]:
    """Entries for *events*; *only* restricts an event on several rows to the row with this key."""
    names = _names_in(events)
    actions, kinds = action_words(), kind_words()
    return [
        HistoryEntry(
            id=event.id,
            at=event.at,
            who=str(event.actor or ""),
            action=actions.get(event.action) or _("Act"),
            kind=kinds.get(event.object_type) or _("Item"),
            label=label_of(event),
            differences=_differences(event.object_type, _own(event, only), names),
            also=[
                RowChange(
                    kinds.get(each["type"]) or _("Item"),
                    actions.get(each["action"]) or _("Act"),
                    _differences(each["type"], (each["before"], each["after"]), names),
                    persian_letters(each.get("label", "")),
                )
                for each in _also(event)
                if only is None or not _is_row(event, each)
            ],
            request_id=event.request_id,
        )
        for event in events
    ]


def label_of(event: AuditEvent) -> str:
    """The label of the row at the time of the event; empty for an event on several rows."""
    return persian_letters(str((event.after or {}).get(LABEL, "")))


def rows_of(event: AuditEvent) -> list[int]:
    """The row keys of an event on several rows."""
    return list((event.after or {}).get(ROWS, ()))


@contextmanager
def _scope_of(row: Row) -> Iterator[None]:
    """The scope of the row's events: that of the actor, or the organisation itself when *row* is one."""
    # A platform admin acts in no organisation and could not read the events of this one.
    session = db.session()
    actor = actor_of(session)
    if isinstance(row, Organization):
        bind(session, replace(actor, organization_id=row.id))
    try:
        yield
    finally:
        bind(session, actor)


def _about(key: int) -> ColumnElement[bool]:
    keys = AuditEvent.after[ROWS].as_string()
    # The databases write the JSON list differently; the replacements make it «,1,2,3,» for both.
    spelt = func.replace(func.replace(func.replace(keys, " ", ""), "[", ","), "]", ",")
    return or_(AuditEvent.object_id == key, and_(AuditEvent.object_id.is_(None), spelt.like(f"%,{key},%")))


def _also(event: AuditEvent) -> list[dict[str, Any]]:
    return list((event.after or {}).get(ALSO, ()))


def _is_row(event: AuditEvent, change: Mapping[str, Any]) -> bool:
    return bool(change["type"] == event.object_type and event.object_id is None)


def _own(event: AuditEvent, only: int | None) -> tuple[Any, Any]:
    """The values before and after the event; *only* picks one row of an event on several rows."""
    if only is None or event.object_id is not None:
        return event.before, event.after
    found = (each for each in _also(event) if _is_row(event, each) and each["id"] == only)
    return next(((each["before"], each["after"]) for each in found), (None, None))


def _differences(kind: str, sides: tuple[Any, Any], names: Names) -> list[ColumnChange]:
    before, after = (side or {} for side in sides)
    columns = [name for name in dict.fromkeys([*before, *after]) if not name.startswith("@")]
    return [
        ColumnChange(
            label,
            shown(kind, name, before.get(name), names),
            shown(kind, name, after.get(name), names),
        )
        for name in columns
        if (label := name_of(kind, name)) is not None
    ]


def _names_in(events: Iterable[AuditEvent]) -> Names:
    """The names of the rows that foreign keys in *events* refer to, with one statement for each table."""
    wanted: dict[type[Any], set[int]] = {}
    for event in events:
        sides = [(event.object_type, event.before), (event.object_type, event.after)]
        sides += [(each["type"], each[side]) for each in _also(event) for side in ("before", "after")]
        for kind, values in sides:
            for name, value in (values or {}).items():
                column = column_of(kind, name) if isinstance(value, int) and value else None
                if column is not None and column.target is not None:
                    wanted.setdefault(column.target, set()).add(value)
    return {
        (model.__name__, row.id): str(row) for model, keys in wanted.items() for row in _rows(model, keys)
    }


def _rows(model: type[Row], keys: set[int]) -> Sequence[Row]:
    statement = select(model).where(model.id.in_(sorted(keys)[:500]))
    found = db.session.scalars(statement, execution_options={"with_deleted": True})
    rows: Sequence[Row] = found.unique().all()
    return rows
