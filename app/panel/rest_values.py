"""A row as JSON, and JSON as what its form would have sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.lib.jalali import format_date, format_datetime
from app.lib.money import Currency
from app.panel.acting import currency
from app.panel.columns import Column, Kind
from app.panel.fields import JalaliDateField, MoneyField, RelationField, SwitchField
from app.panel.versions import version_of, wire
from models.types import Choice

_RIALS_OF_A_TOMAN = 10


class WrongKind(ValueError):
    """A value that its field can't take."""


def row_as_json(row: Any, columns: Mapping[str, Column]) -> dict[str, Any]:
    """The key, the version and the values; amounts in the organisation's currency, moments in UTC."""
    values = {path: value_as_json(column.value(row), column.kind) for path, column in columns.items()}
    return {"id": row.id, "version": version_of(row), **values}


def value_as_json(value: Any, kind: Kind) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Choice):
        return value.value
    if kind is Kind.MONEY:
        return int(value) // (_RIALS_OF_A_TOMAN if currency() is Currency.TOMAN else 1)
    if kind is Kind.RELATION:
        return {"id": value.id, "label": str(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return (
        value if isinstance(value, int) else value.isoformat() if hasattr(value, "isoformat") else str(value)
    )


def sent_values(
    form: Any, names: list[str], body: Mapping[str, Any]
) -> tuple[MultiDict[str, str], dict[str, list[str]]]:
    """What the form would have sent, with what stands in it already; and what can't be read, by name."""
    errors = {name: [_("There is no such field.")] for name in body if name not in names}
    sent: MultiDict[str, str] = MultiDict()
    for name in names:
        try:
            text = _as_sent(form[name], body[name]) if name in body else wire(form[name])
        except (ValueError, OverflowError):
            errors[name] = [_("The value is of the wrong kind.")]
            continue
        if text != "":
            sent[name] = text
    return sent, errors


def _as_sent(field: Any, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(field, SwitchField):
        if not isinstance(value, bool):
            raise WrongKind
        return "y" if value else ""
    if isinstance(value, dict) and isinstance(field, RelationField):
        value = value.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise WrongKind
    if isinstance(field, JalaliDateField) and isinstance(value, str) and "T" in value:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise WrongKind
        return format_datetime(moment) if field.with_time else format_date(moment)
    if isinstance(value, int) and isinstance(field, MoneyField | RelationField) and value < 0:
        raise WrongKind
    return str(value)
