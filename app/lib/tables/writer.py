"""Tables that leave the panel: a right-to-left sheet with real numbers, or csv that spreadsheets read; nothing in them computes."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import xlsxwriter

# What a spreadsheet takes for the beginning of a formula; the full-width signs are read as the plain ones.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠﹦﹢﹣﹫")
# What takes no room or is a space of whatever width, and may stand before it.
_UNSEEN = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff]+"
)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
# No cell of a sheet may be longer.
_LONGEST = 32_000
_WIDTHS = {"number": 14, "mobile": 16, "moment": 18, "text": 24}


def escape_formula(text: str) -> str:
    """*text* as a cell that no program computes: after an apostrophe where it begins like a formula.

    What stands before the sign and is not seen (spaces, marks of direction) does not hide it.
    """
    clean = _UNPRINTABLE.sub("", text)[:_LONGEST]
    unseen = _UNSEEN.match(clean)
    begins = clean[unseen.end() :] if unseen else clean
    return f"'{clean}" if begins.startswith(_FORMULA) or clean.startswith(_FORMULA) else clean


class TableWriter(Protocol):
    """Writes rows one after the other; the file is whole once the block ends."""

    def row(self, cells: Sequence[Any]) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class SheetWriter:
    """An xlsx sheet, written row by row with the memory of one row."""

    def __init__(self, path: Path, headings: Sequence[str], kinds: Sequence[str]) -> None:
        self._book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False})
        self._sheet = self._book.add_worksheet()
        self._number = self._book.add_format({"num_format": "#,##0"})
        self._fraction = self._book.add_format({"num_format": "#,##0.0"})
        self._at = 0
        self._begin(headings, kinds)

    def _begin(self, headings: Sequence[str], kinds: Sequence[str]) -> None:
        self._sheet.right_to_left()
        self._sheet.freeze_panes(1, 0)
        for column, kind in enumerate(kinds):
            self._sheet.set_column(column, column, _WIDTHS[kind])
        bold = self._book.add_format({"bold": True})
        for column, heading in enumerate(headings):
            self._sheet.write_string(0, column, escape_formula(heading), bold)

    def row(self, cells: Sequence[Any]) -> None:
        self._at += 1
        for column, cell in enumerate(cells):
            if isinstance(cell, int | float):
                shape = self._number if isinstance(cell, int) else self._fraction
                self._sheet.write_number(self._at, column, cell, shape)
            elif cell:
                self._sheet.write_string(self._at, column, escape_formula(cell))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()


class CsvWriter:
    """csv in UTF-8 with the mark by which Excel knows it."""

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
