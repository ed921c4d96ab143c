"""The stored values of a row as JSON, so that an import can put them back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Enum, inspect

from models.types import Choice

# What the database or the session itself writes with each change.
_WRITTEN_ALONG = frozenset({"id", "row_version", "updated_at", "search_key", "sort_key"})


def stored_values(row: Any) -> dict[str, Any]:
    """The columns of *row* by name, as JSON."""
    names = (each.key for each in inspect(type(row)).column_attrs if each.key not in _WRITTEN_ALONG)
    return {name: _as_json(getattr(row, name)) for name in names}


def _as_json(value: Any) -> Any:
    if isinstance(value, Choice):
        return value.value
    return value.isoformat() if isinstance(value, date | time) else value


def put_back(row: Any, before: Mapping[str, Any]) -> None:
    """Give *row* the values that `stored_values` has read from it."""
    columns = inspect(type(row)).column_attrs
    for name, value in before.items():
        setattr(row, name, _from_json(columns[name].columns[0].type, value))


def _from_json(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    python_type = kind.python_type
    if python_type is datetime:
        return datetime.fromisoformat(value)
    if python_type is time:
        return time.fromisoformat(value)
    return date.fromisoformat(value) if python_type is date else value
