"""The text of values of columns in an address: written for a cursor, and read back by the type of the column."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement

MOST_NUMBER = 2**63 - 1


@dataclass(frozen=True)
class _Codec:
    """The text of values of one type in an address, in both directions."""

    write: Callable[[Any], str]
    read: Callable[[str, Any], Any]


def _read_moment(text: str, _kind: type) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)


def _read_number(text: str, _kind: type) -> int:
    number = int(text)
    if abs(number) > MOST_NUMBER:
        raise ValueError(text)
    return number


# bool is a subclass of int and datetime of date, so the subclass comes first.
_CODECS: tuple[tuple[type, _Codec], ...] = (
    (enum.Enum, _Codec(lambda value: str(value.value), lambda text, kind: kind(text))),
    (bool, _Codec(lambda value: str(int(value)), lambda text, _kind: text == "1")),
    (int, _Codec(str, _read_number)),
    (datetime, _Codec(lambda value: value.isoformat(), _read_moment)),
    (date, _Codec(lambda value: value.isoformat(), lambda text, _kind: date.fromisoformat(text))),
    (time, _Codec(lambda value: value.isoformat(), lambda text, _kind: time.fromisoformat(text))),
    (str, _Codec(str, lambda text, _kind: text)),
)


def write_value(value: Any) -> str:
    """The text of *value*, which `read_value` reads with the type of *value*."""
    return _codec_of(type(value)).write(value)


def read_value(text: str, kind: type) -> Any:
    """The value of type *kind* that *text* is of; raises ValueError or OverflowError where it is of none."""
    return _codec_of(kind).read(text, kind)


def is_sortable(column: ColumnElement[Any]) -> bool:
    """Whether a list can be ordered by *column*: its values have a text for addresses."""
    try:
        kind = python_type_of(column)
    except NotImplementedError:
        return False
    return any(issubclass(kind, known) for known, _codec in _CODECS)


def python_type_of(column: ColumnElement[Any]) -> type:
    """The Python type of the values of *column*; that of the inner type where the type is a `TypeDecorator`."""
    kind: type = getattr(column.type, "impl_instance", column.type).python_type
    return kind


def _codec_of(kind: type) -> _Codec:
    return next(codec for known, codec in _CODECS if issubclass(kind, known))
