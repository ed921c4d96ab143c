"""Writers of exported tables as xlsx or CSV, safe against formula injection."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import xlsxwriter

# Characters that begin a formula in spreadsheets, with their full-width forms.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠﹦﹢﹣﹫")
# Invisible characters and spaces that may precede the formula.
_UNSEEN = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff]+"
)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
# The limit of a sheet's cell.
_LONGEST = 32_000
_WIDTHS = {"number": 14, "mobile": 16, "moment": 18, "text": 24}


def escape_formula(text: str) -> str:
    """*text* for a cell, with an apostrophe in front if it would be a formula.

    Invisible characters before the sign (spaces, direction marks) are taken into account.
    """
    clean = _UNPRINTABLE.sub("", text)[:_LONGEST]
    unseen = _UNSEEN.match(clean)
    visible = clean[unseen.end() :] if unseen else clean
    return f"'{clean}" if visible.startswith(_FORMULA) or clean.startswith(_FORMULA) else clean


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
                style = self._number if isinstance(cell, int) else self._fraction
                self._sheet.write_number(self._at, column, cell, style)
            elif cell:
                self._sheet.write_string(self._at, column, escape_formula(cell))

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
