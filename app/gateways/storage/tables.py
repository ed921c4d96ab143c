"""Reads the table in a stored file; refusals carry a message for the user."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.gateways.storage import StoreUnavailable, storage
from app.gateways.storage.limited import LimitedTable, open_limited
from app.lib.persian import persian_digits
from app.lib.tables.source import TableReason, UnreadableFile


class BadFile(DomainError):
    """The file has no readable table."""


_REFUSALS: dict[TableReason, LazyString] = {
    TableReason.EMPTY: _("The file is empty."),
    TableReason.TYPE: _("Only csv and xlsx files without macros can be imported."),
    TableReason.DAMAGED: _("The file is damaged; save it again and send it once more."),
    TableReason.ENCODING: _("The letters of this file can't be read; save it as csv (UTF-8)."),
    TableReason.CONTROL: _("Row %(row)s has characters that are no text; save the file as csv (UTF-8)."),
    TableReason.TOO_LARGE: _("Unpacked, this file is larger than 100 megabytes."),
    TableReason.TOO_MANY_ROWS: _("A file may have at most 50,000 rows; divide it."),
    TableReason.TOO_MANY_COLUMNS: _("A file may have at most 100 columns."),
    TableReason.CELL_TOO_LONG: _(
        "A cell of row %(row)s has more than 5,000 characters; maybe a quotation mark is not closed."
    ),
    TableReason.QUOTES: _(
        "The quotation marks of line %(row)s, above or among the headings, are not clear; mend them."
    ),
    TableReason.LIMITS: _(
        "Reading this file takes too much memory or time; save the rows alone in a new file."
    ),
}


def read_table(stored_name: str, name: str, *, sheet: str | None = None) -> LimitedTable:
    """The table in a stored file; raises `BadFile`."""
    try:
        return open_limited(_path_of(stored_name), name=name, sheet=sheet)
    except UnreadableFile as error:
        raise refusal(error) from error


def _path_of(stored_name: str) -> Path:
    try:
        path: Path = storage().path(stored_name)
    except StoreUnavailable as error:
        raise BadFile(_("The file could not be read. Try again in a few moments."), field="file") from error
    except FileNotFoundError:
        path = Path()
    if not path.is_file():
        raise BadFile(_("The file is not stored any more; import it again."), field="file")
    return path


def first_look(stored_name: str, name: str, *, sheet: str | None = None) -> tuple[Sequence[str], int]:
    """The headings and the number of rows. Reads the whole table, so that errors are reported before its columns.

    Raises `BadFile`.
    """
    try:
        table = read_table(stored_name, name, sheet=sheet)
        count = sum(1 for _row in table.rows())
    except UnreadableFile as error:
        raise refusal(error) from error
    if not count:
        raise BadFile(_("The file has no rows below its headings."), field="file")
    return table.headers, count


def refusal(error: UnreadableFile) -> BadFile:
    return BadFile(_REFUSALS[error.reason], field="file", row=persian_digits(error.row or 1))


def notes_of(table: LimitedTable) -> Sequence[str]:
    """Notes for the user on how the file is read."""
    notes = [
        str(_("Several columns are called «%(title)s»; check which of them is meant.", title=title))
        for title in table.duplicates
    ]
    if len(table.sheets) > 1:
        notes.insert(0, str(_("Only the sheet «%(sheet)s» is read.", sheet=table.sheet)))
    if not any(table.headers):
        notes.append(
            str(_("The file has no headings, so its first row is imported too; say what each column holds."))
        )
    return notes
