"""Tables in uploaded files; kind, encoding, delimiter, sheet and heading row are detected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from app.lib.tables import csv as delimited
from app.lib.tables import xlsx as workbook
from app.lib.tables.headers import guess_columns
from app.lib.tables.source import (
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_ROWS,
    DoubtfulRow,
    Headings,
    TableNote,
    TableReason,
    TableSource,
    UnreadableFile,
)

__all__ = ["MOST_ROWS", "Table", "TableNote", "TableReason", "UnreadableFile", "open_table", "write_rejected"]

# Reports may have a title and empty lines above their headings.
_HEADING_WITHIN = 20
# The rank of a row that names at least two fields.
_NAMED = 3
# The limit of a workbook cell.
_LONGEST_TEXT = 32_767
_DELIMITED = {".csv", ".txt", ".tsv"}


@dataclass(frozen=True)
class Table:
    """Headings and rows; `rows` can be read repeatedly."""

    headers: Sequence[str]
    source: TableSource
    headings: Headings

    def rows(self) -> Iterator[tuple[int, Sequence[Any]]]:
        """(number, cells) of each row that is not empty; numbers start at 1 below the headings."""
        for place, cells in enumerate(self.source.read(self.headings)):
            number = place - self.headings.place
            if number < 1 or not any(_is_filled(cell) for cell in cells):
                continue
            if number > MOST_ROWS:
                raise UnreadableFile(TableReason.TOO_MANY_ROWS, number)
            yield number, cells if isinstance(cells, DoubtfulRow) else _bounded(cells, number)

    @property
    def encoding(self) -> str | None:
        return self.source.encoding

    @property
    def delimiter(self) -> str | None:
        return self.source.delimiter

    @property
    def sheet(self) -> str | None:
        return self.source.sheet

    @property
    def notes(self) -> Sequence[TableNote]:
        return self.source.notes


def open_table(path: Path, *, name: str) -> Table:
    """The table in the file at *path*, uploaded as *name*; raises `UnreadableFile`."""
    source = _source(path, Path(name).suffix.lower())
    heading_at, cells = _find_headings(source)
    cells = _bounded(cells, None)
    width = len(cells)
    while not _is_filled(cells[-1]):
        cells = cells[:-1]
    headers = [_heading(cell) for cell in cells]
    return Table(headers, source, Headings(heading_at, width, guess_columns(headers).get("mobile")))


def _source(path: Path, suffix: str) -> TableSource:
    with path.open("rb") as file:
        is_zip = file.read(4) == b"PK\x03\x04"
    if suffix == ".xlsx":
        if not is_zip:
            raise UnreadableFile(TableReason.DAMAGED)
        return workbook.open_source(path)
    if suffix not in _DELIMITED or is_zip:
        raise UnreadableFile(TableReason.TYPE)
    return delimited.open_source(path)


def _find_headings(source: TableSource) -> tuple[int, Sequence[Any]]:
    """The first row that names two fields, otherwise the first with two cells, otherwise the first with any."""
    candidates: dict[int, tuple[int, Sequence[Any]]] = {}
    doubtful: int | None = None
    for place, cells in zip(range(_HEADING_WITHIN), source.read(None), strict=False):
        if isinstance(cells, DoubtfulRow):
            doubtful = doubtful or place + 1
            continue
        filled = sum(_is_filled(cell) for cell in cells)
        named = len(guess_columns([cell if isinstance(cell, str) else "" for cell in cells]))
        rank = _NAMED if named > 1 else min(filled, 2)
        if rank:
            candidates.setdefault(rank, (place, cells))
    if doubtful and _NAMED not in candidates:
        # The unreadable line may be the row of headings.
        raise UnreadableFile(TableReason.QUOTES, doubtful)
    if not candidates:
        raise UnreadableFile(TableReason.EMPTY)
    return candidates[max(candidates)]


def _bounded(cells: Sequence[Any], number: int | None) -> Sequence[Any]:
    """*cells* without empty ones beyond the last column; raises for too many or too long cells."""
    if len(cells) > MOST_COLUMNS and any(_is_filled(cell) for cell in cells[MOST_COLUMNS:]):
        raise UnreadableFile(TableReason.TOO_MANY_COLUMNS, number)
    if any(isinstance(cell, str) and len(cell) > MOST_CHARACTERS for cell in cells):
        raise UnreadableFile(TableReason.CELL_TOO_LONG, number)
    return cells[:MOST_COLUMNS]


def _heading(cell: Any) -> str:
    # Invalid bytes were decoded to lone surrogates, which no page can show.
    return "" if cell is None else str(cell).strip().encode("utf-8", "replace").decode()


def _is_filled(cell: Any) -> bool:
    return cell is not None and bool(str(cell).strip())


def write_rejected(path: Path, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a right-to-left sheet with text cells only, so that no cell is computed as a formula."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.right_to_left()
        bold = book.add_format({"bold": True})
        for column, header in enumerate(headers):
            sheet.write_string(0, column, header, bold)
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text[:_LONGEST_TEXT])
