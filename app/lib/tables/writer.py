"""Writers of exported tables as xlsx or CSV, safe against formula injection."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import xlsxwriter

from app.lib.tables.formula import is_formula

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
# The limit of a sheet's cell.
_LONGEST = 32_000
_WIDTHS = {"number": 14, "mobile": 16, "moment": 18, "text": 24}


def printable(text: str) -> str:
    """*text* as a text cell can hold it; such a cell computes nothing."""
    return _UNPRINTABLE.sub("", text)[:_LONGEST]


def escape_formula(text: str) -> str:
    """*text* for a cell of CSV, with an apostrophe in front if a spreadsheet would compute it."""
    clean = printable(text)
    return f"'{clean}" if is_formula(clean) else clean


class TableWriter(Protocol):
    """A writer of rows; the file is complete when the block ends."""

    def row(self, cells: Sequence[Any]) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class SheetWriter:
    """An xlsx sheet, written row by row in constant memory."""

    def __init__(self, path: Path, headings: Sequence[str], kinds: Sequence[str]) -> None:
        self._book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False})
        self._sheet = self._book.add_worksheet()
        self._number = self._book.add_format({"num_format": "#,##0"})
        self._fraction = self._book.add_format({"num_format": "#,##0.0"})
        # The mark of a text, so that the cell stays one when it is edited.
        self._text = self._book.add_format({"quote_prefix": True})
        self._at = 0
        self._begin(headings, kinds)

    def _begin(self, headings: Sequence[str], kinds: Sequence[str]) -> None:
        self._sheet.right_to_left()
        self._sheet.freeze_panes(1, 0)
        for column, kind in enumerate(kinds):
            self._sheet.set_column(column, column, _WIDTHS[kind])
        bold = self._book.add_format({"bold": True})
        for column, heading in enumerate(headings):
            self._sheet.write_string(0, column, printable(heading), bold)

    def row(self, cells: Sequence[Any]) -> None:
        self._at += 1
        for column, cell in enumerate(cells):
            if isinstance(cell, int | float):
                style = self._number if isinstance(cell, int) else self._fraction
                self._sheet.write_number(self._at, column, cell, style)
            elif cell:
                text = printable(cell)
                self._sheet.write_string(self._at, column, text, self._text if is_formula(text) else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()


class CsvWriter:
    """CSV in UTF-8 with a byte order mark for Excel."""

    def __init__(self, path: Path, headings: Sequence[str], _kinds: Sequence[str]) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._file)
        self._rows.writerow([escape_formula(heading) for heading in headings])

    def row(self, cells: Sequence[Any]) -> None:
        self._rows.writerow(
            [cell if isinstance(cell, int | float) else escape_formula(cell or "") for cell in cells]
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
