"""Reads the table in a stored file; refusals carry a message for the user."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.gateways.storage import storage
from app.lib.persian import persian_digits
from app.lib.tables.reader import Table, TableNote, TableReason, UnreadableFile, open_table


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
}


def read_table(stored_name: str, name: str) -> Table:
    """The table in a stored file; raises `BadFile`."""
    try:
        return open_table(storage().path(stored_name), name=name)
    except UnreadableFile as error:
        raise refusal(error) from error


def count_rows(stored_name: str, name: str) -> int:
    """The number of rows. Reads the whole file, so that errors are reported at the upload; raises `BadFile`."""
    try:
        count = sum(1 for _row in read_table(stored_name, name).rows())
    except UnreadableFile as error:
        raise refusal(error) from error
    if not count:
        raise BadFile(_("The file has no rows below its headings."), field="file")
    return count


def refusal(error: UnreadableFile) -> BadFile:
    return BadFile(_REFUSALS[error.reason], field="file", row=persian_digits(error.row or 1))


def notes_of(table: Table) -> Sequence[str]:
    """Notes for the user on how the file is read."""
    if TableNote.OTHER_SHEETS not in table.notes:
        return []
    return [str(_("Only the sheet «%(sheet)s» is read.", sheet=table.sheet))]
