"""Tables in uploaded files; kind, encoding, delimiter, sheet and heading row are detected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.lib.tables import csv as delimited
from app.lib.tables import xlsx as workbook
from app.lib.tables.headers import guess_columns, heading_key
from app.lib.tables.headings import HeadingRow, find_headings, is_filled
from app.lib.tables.source import (
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_ROWS,
    DoubtfulRow,
    Headings,
    TableReason,
    TableSource,
    UnreadableFile,
)

__all__ = ["MOST_ROWS", "Table", "TableReason", "UnreadableFile", "open_table"]

_DELIMITED = {".csv", ".txt", ".tsv"}
_COUNTERS = set(map(heading_key, ("ردیف", "شماره ردیف", "row", "row number", "no", "#")))


@dataclass(frozen=True)
class Table:
    """Headings and rows; `rows` can be read repeatedly."""

    headers: Sequence[str]
    source: TableSource
    headings: Headings
    # The names of all sheets that have a table.
    sheets: Sequence[str] = field(default_factory=tuple)

    def rows(self) -> Iterator[tuple[int, Sequence[Any]]]:
        """(number, cells) of each row that is not empty; numbers start at 1 below the headings."""
        count = 0
        for place, row in enumerate(self.source.read(self.headings)):
            number = place - self.headings.place
            # No heading stands above the cells beyond.
            cells = row if len(row) <= MOST_COLUMNS else row[:MOST_COLUMNS]
            if number < 1 or self._is_empty(cells):
                continue
            count += 1
            if count > MOST_ROWS:
                raise UnreadableFile(TableReason.TOO_MANY_ROWS, number)
            yield number, cells if isinstance(cells, DoubtfulRow) else _bounded(cells, number)

    def _is_empty(self, cells: Sequence[Any]) -> bool:
        """Whether no cell has a value, but perhaps that of the row number."""
        counter = self.headings.counter
        return not any(is_filled(cell) for column, cell in enumerate(cells) if column != counter)

    @property
    def duplicates(self) -> Sequence[str]:
        """The headings that several columns have."""
        keys = Counter(map(heading_key, self.headers))
        first = {heading_key(title): title for title in reversed(self.headers)}
        return [title for key, title in reversed(first.items()) if key and keys[key] > 1]

    @property
    def encoding(self) -> str | None:
        return self.source.encoding

    @property
    def delimiter(self) -> str | None:
        return self.source.delimiter

    @property
    def sheet(self) -> str | None:
        return self.source.sheet


def open_table(
    path: Path, *, name: str, sheet: str | None = None, stream: workbook.RowStream | None = None
) -> Table:
    """The table in the file at *path*, uploaded as *name*; raises `UnreadableFile`.

    Without *sheet*, it is that of the sheet whose headings name the most fields. *stream* reads sheets whose cells lie
    far apart; without it, they raise `StreamNeeded`.
    """
    found = [
        (source, row)
        for source in _sources(path, Path(name).suffix.lower(), stream)
        if (row := find_headings(source)) is not None
    ]
    if not found:
        raise UnreadableFile(TableReason.EMPTY)
    chosen = [each for each in found if each[0].sheet == sheet] if sheet else []
    source, row = (chosen or [max(found, key=lambda each: each[1].rank)])[0]
    return _table(source, row, [each.sheet for each, _row in found if each.sheet])


def _table(source: TableSource, row: HeadingRow, sheets: Sequence[str]) -> Table:
    cells = _bounded(row.cells, None)
    width = len(cells)
    if row.is_record:
        return Table([""] * width, source, Headings(row.place - 1, width, None), sheets)
    while not is_filled(cells[-1]):
        cells = cells[:-1]
    headers = [_heading(cell) for cell in cells]
    counter = next((place for place, title in enumerate(headers) if heading_key(title) in _COUNTERS), None)
    return Table(
        headers, source, Headings(row.place, width, guess_columns(headers).get("mobile"), counter), sheets
    )


def _sources(path: Path, suffix: str, stream: workbook.RowStream | None) -> Sequence[TableSource]:
    with path.open("rb") as file:
        is_zip = file.read(4) == b"PK\x03\x04"
    if suffix == ".xlsx":
        if not is_zip:
            raise UnreadableFile(TableReason.DAMAGED)
        return workbook.open_sources(path, stream)
    if suffix not in _DELIMITED or is_zip:
        raise UnreadableFile(TableReason.TYPE)
    return [delimited.open_source(path)]


def _bounded(cells: Sequence[Any], number: int | None) -> Sequence[Any]:
    """*cells* without empty ones beyond the last column; raises for too many or too long cells."""
    if len(cells) > MOST_COLUMNS and any(is_filled(cell) for cell in cells[MOST_COLUMNS:]):
        raise UnreadableFile(TableReason.TOO_MANY_COLUMNS, number)
    if any(isinstance(cell, str) and len(cell) > MOST_CHARACTERS for cell in cells):
        raise UnreadableFile(TableReason.CELL_TOO_LONG, number)
    return cells[:MOST_COLUMNS]


def _heading(cell: Any) -> str:
    # Invalid bytes were decoded to lone surrogates, which no page can show.
    return "" if cell is None else str(cell).strip().encode("utf-8", "replace").decode()
