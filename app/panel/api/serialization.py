"""Rows as JSON, and JSON values as the form data of the section's form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field

from app.lib.jalali import format_date, format_datetime
from app.lib.money import Currency
from app.panel.actor import currency
from app.panel.columns import Column, Kind
from app.panel.forms.builder import PanelForm
from app.panel.forms.fields import JalaliDateField, ListField, SwitchField, YesNoField
from app.panel.forms.locking import submitted_value, version_of
from models.base import Row
from models.types import Choice

_RIALS_OF_A_TOMAN = 10
_FIRST_ISO_YEAR = 1600


def row_as_json(row: Row, columns: Mapping[str, Column]) -> dict[str, Any]:
    """The key, the version and the values of *row*; amounts are in the organisation's currency, times in UTC."""
    values = {path: value_as_json(column.value(row), column.kind) for path, column in columns.items()}
    return {"id": row.id, "version": version_of(row), **values}


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
        else value.isoformat()
        if hasattr(value, "isoformat")
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
        # Empty values are sent too, since a field without form data would not change.
        sent[name] = _as_sent(form[name], body[name]) if name in body else submitted_value(form[name])
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
    return str(value)


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
