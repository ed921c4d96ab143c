"""The words of a section's declaration; here the values of the words that have parts: tabs, cards, lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import LazyString
from sqlalchemy import ColumnElement


@dataclass(frozen=True)
class Tab:
    """A tab of a list: a named condition on its rows."""

    key: str
    label: LazyString
    # Cached across requests, so it takes the time from `app.panel.queries.moments`.
    condition: Callable[[], ColumnElement[bool]]
    counted: bool = False
    sort: str | None = None  # overrides the section's order
    # The heading of the empty tab, and the reason why it is empty.
    empty: LazyString | None = None
    empty_hint: LazyString | None = None
    # Columns that have the same value in all rows of the tab; it shows them only to members who chose their columns.
    hides: Sequence[str] = ()


@dataclass(frozen=True)
class Card:
    """The card that a row of a list becomes on a phone, by the paths of columns.

    The first line has the name of the row, which is its first column, and `chip`; the second line has the columns of
    `line`, and `call` is the number that the round button dials.
    """

    line: Sequence[str] = ()
    chip: str | None = None
    call: str | None = None


@dataclass(frozen=True)
class Total:
    """A value of the parent below its lines: a column or a property; `minus` says that it is subtracted."""

    name: str
    label: LazyString | None = None
    minus: bool = False


@dataclass(frozen=True, eq=False)
class Lines:
    """Child rows in the form of their parent: the relation to them, and the columns that a line edits."""

    relation: str
    label: LazyString
    label_one: LazyString
    columns: Sequence[str]
    # Columns that begin with a value of a relation, and stay so where nothing else is typed: {"price": "product.price"}.
    presets: Mapping[str, str] = field(default_factory=dict)
    # The column of a line that the server computes.
    amount: str | None = None
    # What the server computes of all lines; a name that is a field of the form is typed at this place.
    totals: Sequence[Total] = ()
    least: int = 1
    most: int = 100


@dataclass(frozen=True)
class Under:
    """Values that a list shows under the value of a column, by their paths or displays; on phones they follow it.

    `names` are the short names before the value of the column and before the line under it.
    """

    paths: Sequence[Any]
    names: tuple[LazyString, LazyString] | None = None
