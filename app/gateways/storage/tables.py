"""Tables in stored files, and the sentences for files that contain none."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.gateways.storage import storage
from app.lib.persian import persian_digits
from app.lib.tables.reader import Note, Reason, Table, UnreadableFile, open_table


class BadFile(DomainError):
    """No table can be read from the file."""


_REFUSALS: dict[Reason, LazyString] = {
    Reason.EMPTY: _("The file is empty."),
    Reason.TYPE: _("Only csv and xlsx files without macros can be imported."),
    Reason.DAMAGED: _("The file is damaged; save it again and send it once more."),
    Reason.ENCODING: _("The letters of this file can't be read; save it as csv (UTF-8)."),
    Reason.CONTROL: _("Row %(row)s has characters that are no text; save the file as csv (UTF-8)."),
    Reason.TOO_LARGE: _("Unpacked, this file is larger than 100 megabytes."),
    Reason.TOO_MANY_ROWS: _("A file may have at most 50,000 rows; divide it."),
    Reason.TOO_MANY_COLUMNS: _("A file may have at most 100 columns."),
    Reason.CELL_TOO_LONG: _(
        "A cell of row %(row)s has more than 5,000 characters; maybe a quotation mark is not closed."
    ),
    Reason.QUOTES: _(
        "The quotation marks of line %(row)s, above or among the headings, are not clear; mend them."
    ),
}


def read_table(stored_name: str, name: str) -> Table:
    """The table in a stored file; raises `BadFile` with a sentence for its sender."""
    try:
        return open_table(storage().path(stored_name), name=name)
    except UnreadableFile as error:
        raise refusal(error) from error


def count_rows(stored_name: str, name: str) -> int:
    """Read the whole file once, so that what can't be read is refused while its sender is still there."""
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
    """What the sender should know of how his file was read."""
    if Note.OTHER_SHEETS not in table.notes:
        return []
    return [str(_("Only the sheet «%(sheet)s» is read.", sheet=table.sheet))]
