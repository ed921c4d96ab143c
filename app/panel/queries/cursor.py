"""Pages by «after this row»: deep in a list a page costs what the first one costs.

Rows without a value stand last, in both directions. They are a part of their own: each part is one range of an index,
and a page that crosses the border asks twice.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import ColumnElement, bindparam, tuple_
from werkzeug.datastructures import MultiDict

AFTER, BEFORE, END, NUMBER = "after", "before", "end", "n"
POSITION = (AFTER, BEFORE, END, NUMBER)
_LONGEST = 300
_MOST_KEY = 2**63 - 1


# What the statements call the value and the key of the row that a page begins at.
_VALUE, _KEY = "place_value", "place_key"

# Runs one part of a list: its condition, its order, how many rows at most, and the values of its place.
Ask = Callable[[ColumnElement[bool] | None, tuple[Any, ...], int, dict[str, Any]], list[Any]]


@dataclass(frozen=True)
class Ordering:
    """By which column, in which direction; the key makes it total."""

    column: Any
    key: Any
    descending: bool
    nullable: bool

    @property
    def parts(self) -> int:
        """Of how many ranges the rows consist: those without a value are one of their own."""
        return 2 if self.nullable else 1

    @property
    def is_by_key(self) -> bool:
        return bool(self.column is self.key)


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: behind or before a row (its value and key), or at the end; else at the beginning.

    `number` is what the first row is numbered with, where the address says so.
    """

    anchor: tuple[Any, int] | None = None
    backwards: bool = False
    number: int | None = None

    @property
    def kind(self) -> Literal["none", "empty", "valued"]:
        """What kind of row it is, if it is one."""
        if self.anchor is None:
            return "none"
        return "empty" if self.anchor[0] is None else "valued"

    @property
    def values(self) -> dict[str, Any]:
        """The values that its statement asks for, as far as it does."""
        return {} if self.anchor is None else {_VALUE: self.anchor[0], _KEY: self.anchor[1]}


@dataclass(frozen=True)
class Slice:
    """The rows of a page, whether there are more on either side, and how many there are in all where the page saw them."""

    rows: Sequence[Any]
    has_previous: bool
    has_next: bool
    total: int | None = None


def read_cursor(arguments: MultiDict[str, str], order: Ordering) -> Cursor:
    """Where the address says that the page begins; what can't be read is the beginning."""
    if arguments.get(END) == "1":
        return Cursor(backwards=True)
    for name in (AFTER, BEFORE):
        anchor = _read_token(arguments.get(name, ""), order)
        if anchor is not None:
            number = arguments.get(NUMBER, "")
            is_told = number.isascii() and number.isdigit() and len(number) < 10
            return Cursor(anchor, backwards=name == BEFORE, number=max(int(number), 1) if is_told else None)
    return Cursor()


def encode_cursor(value: Any, key: int) -> str:
    """A row's place in the order, for an address."""
    return f"{key}-" if value is None else f"{key}.{_code_of(type(value)).write(value)}"


def _read_token(token: str, order: Ordering) -> tuple[Any, int] | None:
    digits, mark, text = token.partition("-" if token.endswith("-") else ".")
    if not (digits.isascii() and digits.isdigit() and mark and len(token) <= _LONGEST and "\0" not in text):
        return None
    key = int(digits)
    if key > _MOST_KEY:
        return None
    if mark == "-":
        return (None, key) if order.nullable else None
    kind = python_type_of(order.column)
    try:
        return _code_of(kind).read(text, kind), key
    except (ValueError, OverflowError):
        return None


def fetch(
    ask: Ask, order: Ordering, place: Cursor, size: int, *, total: Callable[[], int | None] = lambda: None
) -> Slice:
    """A page of *size* rows; `total` tells how many rows there are at all, where that is known exactly by then."""
    found: list[Any] = []
    by = _order_by(order, backwards=place.backwards)
    for condition in _parts(order, place.kind, backwards=place.backwards):
        found += ask(condition, by, size + 1 - len(found), place.values)
        known = None if place.anchor else total()
        if len(found) >= (size + 1 if known is None else min(size + 1, known)):
            break
    more, rows = len(found) > size, found[:size]
    if place.backwards:
        return Slice(rows[::-1], has_previous=more, has_next=place.anchor is not None)
    return Slice(rows, has_previous=place.anchor is not None and bool(rows), has_next=more)


# Made once for each order, so that a page is the same statement wherever it begins.
@lru_cache(maxsize=1_000)
def _parts(
    order: Ordering, kind: Literal["none", "empty", "valued"], *, backwards: bool
) -> tuple[ColumnElement[bool] | None, ...]:
    """The ranges that a page may reach into, in its direction."""
    if not order.nullable:
        return (_beyond(order, kind, backwards=backwards),)
    valued, empty = order.column.is_not(None), order.column.is_(None)
    parts = [empty, valued] if backwards else [valued, empty]
    if kind == "none":
        return tuple(parts)
    here = 0 if (kind == "empty") is backwards else 1
    beyond = _beyond(order, kind, backwards=backwards)
    first = parts[here] if beyond is None else parts[here] & beyond
    return (first, *parts[here + 1 :])


def _beyond(order: Ordering, kind: str, *, backwards: bool) -> ColumnElement[bool] | None:
    if kind == "none":
        return None
    key = bindparam(_KEY, type_=order.key.type)
    smaller = order.descending is not backwards
    if kind == "empty" or order.is_by_key:
        return order.key < key if smaller else order.key > key
    pair = tuple_(order.column, order.key)
    here = tuple_(bindparam(_VALUE, type_=order.column.type), key)
    return pair < here if smaller else pair > here


@lru_cache(maxsize=1_000)
def _order_by(order: Ordering, *, backwards: bool) -> tuple[Any, ...]:
    columns = [order.key] if order.is_by_key else [order.column, order.key]
    return tuple(column.desc() if order.descending is not backwards else column.asc() for column in columns)


@dataclass(frozen=True)
class _Code:
    """How values of one kind stand in an address."""

    write: Callable[[Any], str]
    read: Callable[[str, Any], Any]


def _read_moment(text: str, _kind: Any) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)


def _read_number(text: str, _kind: Any) -> int:
    number = int(text)
    if abs(number) > _MOST_KEY:
        raise ValueError(text)
    return number


# A truth is a number and a moment a day, so the narrower kind comes first.
_CODES: tuple[tuple[type, _Code], ...] = (
    (enum.Enum, _Code(lambda value: str(value.value), lambda text, kind: kind(text))),
    (bool, _Code(lambda value: str(int(value)), lambda text, _kind: text == "1")),
    (int, _Code(str, _read_number)),
    (datetime, _Code(lambda value: value.isoformat(), _read_moment)),
    (date, _Code(lambda value: value.isoformat(), lambda text, _kind: date.fromisoformat(text))),
    (str, _Code(str, lambda text, _kind: text)),
)


def has_place_in_address(column: Any) -> bool:
    """Whether the values of *column* can stand in an address, so that a page can begin at one."""
    try:
        kind = python_type_of(column)
    except NotImplementedError:
        return False
    return any(issubclass(kind, known) for known, _code in _CODES)


def python_type_of(column: Any) -> type:
    """The type of its values; a decorated type, such as ours for instants, leaves it to the one within."""
    kind: type = getattr(column.type, "impl_instance", column.type).python_type
    return kind


def _code_of(kind: type) -> _Code:
    return next(code for known, code in _CODES if issubclass(kind, known))
