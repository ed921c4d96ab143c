"""What both kinds of table files have in common: rows that can be read again, and reasons why they can't."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_ROWS = 50_000
MOST_COLUMNS = 100
MOST_CHARACTERS = 5_000


class TableReason(enum.Enum):
    """Why there is no table to be had from a file."""

    EMPTY = "empty"
    TYPE = "type"
    DAMAGED = "damaged"
    ENCODING = "encoding"
    CONTROL = "control"
    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    CELL_TOO_LONG = "cell_too_long"
    QUOTES = "quotes"


class Doubt(enum.Enum):
    """Why a row can't be divided into cells with certainty."""

    QUOTES = "quotes"
    WIDTH = "width"


class DoubtfulRow(list[str]):
    """A row that was not divided: its only cell is the line as it came."""

    def __init__(self, doubt: Doubt, line: str) -> None:
        super().__init__([line])
        self.doubt, self.line = doubt, line


class TableNote(enum.Enum):
    """What the reader of the file should be told, though it is no mistake."""

    OTHER_SHEETS = "other_sheets"


class UnreadableFile(ValueError):
    """No table; `row` is given where one is to blame."""

    def __init__(self, reason: TableReason, row: int | None = None) -> None:
        super().__init__(reason.value)
        self.reason, self.row = reason, row


@dataclass(frozen=True)
class Headings:
    """Where the headings of a table stand, how many cells they have, and which one names the mobile number."""

    place: int
    width: int
    mobile: int | None


@dataclass(frozen=True)
class TableSource:
    """All rows of a file from its first, and how they were found; rows below known headings are checked by them."""

    read: Callable[[Headings | None], Iterator[Sequence[Any]]]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    notes: Sequence[TableNote] = field(default_factory=tuple)
