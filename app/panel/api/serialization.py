"""Rows as JSON, and JSON values as the form data of the section's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field

from app.lib.jalali import format_date, format_datetime
from app.lib.money import Currency
from app.panel.actor import currency
from app.panel.columns import Column, Kind
from app.panel.forms.builder import PanelForm
from app.panel.forms.fields import JalaliDateField, ListField, SwitchField, YesNoField
from app.panel.forms.lines.field import KEY, LinesField
from app.panel.forms.lines.rows import line_columns
from app.panel.forms.locking import submitted_value, version_of
from app.panel.section import Section
from models.base import Row
from models.types import Choice, WeekdayList

_RIALS_OF_A_TOMAN = 10
_FIRST_ISO_YEAR = 1600


def row_as_json(section: Section, row: Row) -> dict[str, Any]:
    """The key, the version, the values and the lines of *row*; amounts are in the organisation's currency, times in UTC."""
    columns = section.stored_columns
    values = {path: value_as_json(column.value(row), column.kind) for path, column in columns.items()}
    known = {"id": row.id, "version": version_of(row), **values}
    if section.lines is None:
        return known
    name, parts = section.lines.relation, line_columns(section.model, section.lines)
    return {**known, name: [line_as_json(line, parts) for line in getattr(row, name)]}


def line_as_json(line: Any, columns: Sequence[Column]) -> dict[str, Any]:
    return {"id": line.id, **{each.path: value_as_json(each.value(line), each.kind) for each in columns}}


def value_as_json(value: Any, kind: Kind) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Choice):
        return value.value
    if kind is Kind.MONEY:
        return _amount(int(value))
    if kind is Kind.RELATION:
        return {"id": value.id, "label": str(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return (
        value
        if isinstance(value, int | list)
        else f"{value:%H:%M}"
        if isinstance(value, time)
        else value.isoformat()
        if hasattr(value, "isoformat")
        # The stored names of weekdays, which are sent back; as a text they are Persian.
        else value[:]
        if isinstance(value, WeekdayList)
        else str(value)
    )


def _amount(rials: int) -> float:
    """The amount in the organisation's currency; an int unless a fraction remains."""
    if currency() is not Currency.TOMAN:
        return rials
    return rials / _RIALS_OF_A_TOMAN if rials % _RIALS_OF_A_TOMAN else rials // _RIALS_OF_A_TOMAN


def sent_values(form: PanelForm, names: list[str], body: Mapping[str, Any]) -> MultiDict[str, str]:
    """The form data for *body*; a field that *body* does not name sends its stored value."""
    sent: MultiDict[str, str] = MultiDict()
    for name in names:
        if isinstance(form[name], LinesField):
            sent.update(_sent_lines(form[name], body[name]) if name in body else {})
            continue
        # Empty values are sent too, since a field without form data would not change.
        sent[name] = _as_sent(form[name], body[name]) if name in body else submitted_value(form[name])
    return sent


def _sent_lines(field: LinesField, lines: object) -> dict[str, str]:
    """The form data of *lines*; a line with the key of a stored one has the values of that where none is sent."""
    stored = {entry.key: entry for entry in field.entries}
    sent = {field.name: ""}
    for number, line in enumerate(lines if isinstance(lines, list) else ()):
        given = line if isinstance(line, dict) else {}
        key = str(given.get(KEY, ""))
        for each in (stored.get(key) or field.blank(number)).form:
            name = each.short_name
            if name in given or key in stored:
                value = _as_sent(each, given[name]) if name in given else submitted_value(each)
                sent[f"{field.name}-{number}-{name}"] = value
        sent[f"{field.name}-{number}-{KEY}"] = key
    return sent


def _as_sent(field: Field, value: object) -> str:
    """*value* as the text that *field* reads; a value of the wrong type becomes an unreadable text."""
    if value is None:
        return ""
    if isinstance(field, SwitchField):
        return "y" if value is True else ""
    if isinstance(field, YesNoField):
        return "y" if value is True else "n" if value is False else str(value)
    if isinstance(field, ListField) and isinstance(value, list):
        return "\n".join(map(str, value))
    if isinstance(field, JalaliDateField) and isinstance(value, str):
        return _as_jalali(field, value)
    return _as_digits(value) if isinstance(value, float) else str(value)


def _as_digits(number: float) -> str:
    """The digits of a JSON number: 5.0 is the whole number 5, and a product such as 3 * 0.1 is 0.3."""
    return str(int(number)) if number.is_integer() else f"{number:.15g}"


def _as_jalali(field: JalaliDateField, text: str) -> str:
    """An ISO date or time in Jalali spelling; any other text unchanged."""
    try:
        if field.with_time:
            moment = datetime.fromisoformat(text)
            return text if moment.tzinfo is None or _is_jalali(moment) else format_datetime(moment)
        day = date.fromisoformat(text)
        return text if _is_jalali(day) else format_date(day)
    except (ValueError, OverflowError):
        return text


def _is_jalali(day: date) -> bool:
    """Whether the year is a Jalali year, also in a date that is written like an ISO date."""
    return day.year < _FIRST_ISO_YEAR
