"""Keyset pagination: a page begins after or before a row, so that a late page is as fast as the first.

Rows without a value come last in both directions. They are a range of their own, because each range is one range of an
index; a page that spans both ranges runs two statements.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import ColumnElement, bindparam, tuple_
from werkzeug.datastructures import MultiDict

from app.panel.queries.cursor_values import MOST_NUMBER, python_type_of, read_value, write_value

AFTER, BEFORE, END, NUMBER = "after", "before", "end", "n"
POSITION = (AFTER, BEFORE, END, NUMBER)
_LONGEST = 300

# The names of the bind parameters for the value and the key of the row that a page begins at.
_VALUE, _KEY = "place_value", "place_key"

# Reads one range of a list: condition, ORDER BY, limit, values of the cursor.
ReadRange = Callable[[ColumnElement[bool] | None, tuple[Any, ...], int, dict[str, Any]], list[Any]]


@dataclass(frozen=True)
class Ordering:
    """An order of rows: by a column in a direction, then by the key."""

    column: Any
    key: Any
    descending: bool
    nullable: bool

    @property
    def parts(self) -> int:
        """The number of ranges; rows without a value are a second one."""
        return 2 if self.nullable else 1

    @property
    def is_by_key(self) -> bool:
        return bool(self.column is self.key)


@dataclass(frozen=True)
class Cursor:
    """The place where a page begins: after or before a row (its value and key), or the end or beginning of the list.

    `number` is the number of the first row of the page, where the address has it.
    """

    anchor: tuple[Any, int] | None = None
    backwards: bool = False
    number: int | None = None

    @property
    def kind(self) -> Literal["none", "empty", "valued"]:
        """Whether the page begins at a row, and whether that row has a value."""
        if self.anchor is None:
            return "none"
        return "empty" if self.anchor[0] is None else "valued"

    @property
    def values(self) -> dict[str, Any]:
        """The values of the bind parameters."""
        return {} if self.anchor is None else {_VALUE: self.anchor[0], _KEY: self.anchor[1]}


@dataclass(frozen=True)
class Slice:
    """The rows of a page, whether other pages exist, and the total where the page knows it."""

    rows: Sequence[Any]
    has_previous: bool
    has_next: bool
    total: int | None = None


def read_cursor(arguments: MultiDict[str, str], order: Ordering) -> Cursor:
    """The cursor in the address; the beginning of the list where it is unreadable."""
    if arguments.get(END) == "1":
        return Cursor(backwards=True)
    for name in (AFTER, BEFORE):
        anchor = _read_token(arguments.get(name, ""), order)
        if anchor is not None:
            number = arguments.get(NUMBER, "")
            is_number = number.isascii() and number.isdigit() and len(number) < 10
            return Cursor(anchor, backwards=name == BEFORE, number=max(int(number), 1) if is_number else None)
    return Cursor()


def encode_cursor(value: object, key: int) -> str:
    """The token for the position of a row, for an address."""
    return f"{key}-" if value is None else f"{key}.{write_value(value)}"


def _read_token(token: str, order: Ordering) -> tuple[Any, int] | None:
    digits, mark, text = token.partition("-" if token.endswith("-") else ".")
    if not (digits.isascii() and digits.isdigit() and mark and len(token) <= _LONGEST and "\0" not in text):
        return None
    key = int(digits)
    if key > MOST_NUMBER:
        return None
    if mark == "-":
        return (None, key) if order.nullable else None
    kind = python_type_of(order.column)
    try:
        return read_value(text, kind), key
    except (ValueError, OverflowError):
        return None


def fetch(
    read: ReadRange,
    order: Ordering,
    place: Cursor,
    size: int,
    *,
    total: Callable[[], int | None] = lambda: None,
) -> Slice:
    """A page of *size* rows. `total` is called after each statement and returns the exact total once it is known."""
    found: list[Any] = []
    by = _order_by(order, backwards=place.backwards)
    for condition in _parts(order, place.kind, backwards=place.backwards):
        found += read(condition, by, size + 1 - len(found), place.values)
        known = None if place.anchor else total()
        if len(found) >= (size + 1 if known is None else min(size + 1, known)):
            break
    more, rows = len(found) > size, found[:size]
    if place.backwards:
        return Slice(rows[::-1], has_previous=more, has_next=place.anchor is not None)
    return Slice(rows, has_previous=place.anchor is not None and bool(rows), has_next=more)


# Cached, so that all pages of an order share one compiled statement.
@lru_cache(maxsize=1_000)
def _parts(
    order: Ordering, kind: Literal["none", "empty", "valued"], *, backwards: bool
) -> tuple[ColumnElement[bool] | None, ...]:
    """The conditions of the ranges that a page may span, in its direction."""
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
    """The rows after the cursor, in the direction of the page."""
    if kind == "none":
        return None
    key = bindparam(_KEY, type_=order.key.type)
    smaller = order.descending is not backwards
    if kind == "empty" or order.is_by_key:
        by_key: ColumnElement[bool] = order.key < key if smaller else order.key > key
        return by_key
    pair = tuple_(order.column, order.key)
    here = tuple_(bindparam(_VALUE, type_=order.column.type), key)
    return pair < here if smaller else pair > here


@lru_cache(maxsize=1_000)
def _order_by(order: Ordering, *, backwards: bool) -> tuple[Any, ...]:
    columns = [order.key] if order.is_by_key else [order.column, order.key]
    return tuple(column.desc() if order.descending is not backwards else column.asc() for column in columns)
