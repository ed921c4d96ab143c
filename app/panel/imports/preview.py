"""What an import would do with the first rows of a file, found out by doing it and undoing it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.extensions import db
from app.gateways.storage.limited import LimitedTable
from app.gateways.storage.reading import job_table
from app.lib.persian import shorten
from app.lib.tables.cells import as_text, storable
from app.panel.forms.routes import FormScreen
from app.panel.imports.row import ImportOutcome, RowRefusal, RowWriter
from models.job import ImportJob

ROWS = 20
_CELL_LENGTH = 60


@dataclass(frozen=True)
class ImportPreviewRow:
    """A row of the file and what would become of it; `text` says why it is refused, or which row it changes."""

    number: int
    cells: Sequence[str]
    outcome: ImportOutcome
    text: str


def preview(section: FormScreen, job: ImportJob) -> list[ImportPreviewRow]:
    """The first rows; nothing is stored, and the session holds no row afterwards."""
    table, writer = job_table(job), RowWriter(section, job)
    rows = []
    try:
        for number, cells in islice(table.rows(), ROWS):
            outcome, text = _try(writer, number, cells)
            shown = [shorten(storable(as_text(cell)), _CELL_LENGTH) for cell in cells]
            rows.append(ImportPreviewRow(file_row(table, number), shown, outcome, text))
    finally:
        db.session.rollback()
    return rows


def as_json(rows: Sequence[ImportPreviewRow]) -> list[list[Any]]:
    """*rows* for `from_json`, in values that JSON has."""
    return [[row.number, list(row.cells), row.outcome.name, row.text] for row in rows]


def from_json(stored: Sequence[Sequence[Any]]) -> list[ImportPreviewRow]:
    """The rows that `as_json` wrote."""
    return [
        ImportPreviewRow(number, cells, ImportOutcome[kind], text) for number, cells, kind, text in stored
    ]


def accepts_none(rows: Sequence[ImportPreviewRow]) -> bool:
    """Whether these are all rows of the file, and each is refused."""
    return len(rows) < ROWS and all(row.outcome is ImportOutcome.REFUSED for row in rows)


def _try(writer: RowWriter, number: int, cells: Sequence[Any]) -> tuple[ImportOutcome, str]:
    try:
        written = writer.write(cells)
    except RowRefusal as refusal:
        return ImportOutcome.REFUSED, str(refusal)
    writer.note(number, written)
    return written.outcome, "" if written.outcome is ImportOutcome.ADDED else str(written.row)


def file_row(table: LimitedTable, number: int) -> int:
    """The number of a row as a spreadsheet shows it: from 1, with the headings and what stands above them."""
    return table.headings.place + 1 + number
