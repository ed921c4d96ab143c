"""Types that CSV and workbook readers share."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MOST_ROWS = 50_000
MOST_COLUMNS = 100
MOST_CHARACTERS = 5_000


class TableReason(enum.Enum):
    """Why a file is not readable as a table."""

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
    LIMITS = "limits"


class Doubt(enum.Enum):
    """Why a row cannot be split into cells with certainty."""

    QUOTES = "quotes"
    WIDTH = "width"


class DoubtfulRow(list[str]):
    """A row that was not split; its only cell is the line."""

    def __init__(self, doubt: Doubt, line: str) -> None:
        super().__init__([line])
        self.doubt, self.line = doubt, line


class UnreadableFile(ValueError):
    """A file without a readable table; `row` is set when one row is the cause."""

    def __init__(self, reason: TableReason, row: int | None = None) -> None:
        super().__init__(reason.value)
        self.reason, self.row = reason, row


@dataclass(frozen=True)
class Headings:
    """The row of the headings, the number of their cells, and the columns of the mobile and of the row number."""

    place: int
    width: int
    mobile: int | None
    counter: int | None = None


@dataclass(frozen=True)
class TableSource:
    """The rows of a file and how it was read; with headings, `read` also checks the rows below them."""

    read: Callable[[Headings | None], Iterator[Sequence[Any]]]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
