"""How the file of an import is read: its sheet, and what the ambiguous texts of its columns mean (decision 0072)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import storage
from app.gateways.storage.limited import LimitedTable
from app.gateways.storage.tables import first_look, read_table
from app.lib.tables.cells import as_text
from app.lib.tables.source import DoubtfulRow
from app.lib.tables.values.styles import DateStyle, NumberStyle, Styles
from app.lib.tables.values.survey import ColumnSurvey, DateSurvey, NumberSurvey
from models.job import ImportJob, ImportStatus

DATES, NUMBERS, SHEET = "dates", "numbers", "sheet"
_KINDS: Mapping[str, type[DateStyle | NumberStyle]] = {DATES: DateStyle, NUMBERS: NumberStyle}
_FOUND = "found"


def job_table(job: ImportJob) -> LimitedTable:
    """The table of the sheet that was chosen; raises `BadFile`."""
    return read_table(job.stored_name, job.original_name, sheet=job.reading.get(SHEET))


def styles_of(job: ImportJob) -> Styles:
    """The answers of the user, or what the column itself has decided."""
    dates, numbers = (_style(job, kind) for kind in (DATES, NUMBERS))
    return Styles(DateStyle(dates) if dates else None, NumberStyle(numbers) if numbers else None)


def _style(job: ImportJob, kind: str) -> str | None:
    answer = job.reading.get(kind) or job.reading.get(_FOUND, {}).get(kind, {}).get("decided")
    return answer if answer in set(_KINDS[kind]) else None


def questions_of(job: ImportJob) -> Sequence[dict[str, Any]]:
    """The questions on the columns of dates and quantities: kind, sample, options, and the answer so far."""
    found: Mapping[str, Any] = job.reading.get(_FOUND, {})
    return [
        {"kind": kind, "answer": _style(job, kind), **each} for kind, each in found.items() if each["options"]
    ]


def find_ambiguous(
    job: ImportJob,
    *,
    dates: Collection[int],
    numbers: Collection[int],
    asks: Callable[[str], bool] = lambda _text: True,
) -> Mapping[str, Any]:
    """Read the file, and find out which texts of these columns are ambiguous and what each column says of its own.

    A number for which *asks* says no has one reading alone.
    """
    surveys: dict[str, dict[int, DateSurvey | NumberSurvey]] = {
        DATES: {column: DateSurvey() for column in dates},
        NUMBERS: {column: NumberSurvey() for column in numbers},
    }
    if dates or numbers:
        for _number, cells in job_table(job).rows():
            if not isinstance(cells, DoubtfulRow):
                _see(surveys, cells, asks)
    found = {kind: _found(list(each.values())) for kind, each in surveys.items()}
    return {kind: each for kind, each in found.items() if each}


def note_ambiguous(job: ImportJob, found: Mapping[str, Any]) -> None:
    """Store what `find_ambiguous` has found."""
    job.reading = {**job.reading, _FOUND: dict(found)}
    db.session.flush()


def forget_ambiguous(job: ImportJob) -> None:
    """Delete what was found for other columns of the file."""
    job.reading = {name: value for name, value in job.reading.items() if name != _FOUND}
    db.session.flush()


def is_surveyed(job: ImportJob) -> bool:
    """Whether the ambiguous texts of the chosen columns are known."""
    return _FOUND in job.reading


def _see(
    surveys: Mapping[str, Mapping[int, DateSurvey | NumberSurvey]],
    cells: Sequence[Any],
    asks: Callable[[str], bool],
) -> None:
    for kind, columns in surveys.items():
        for column, each in columns.items():
            if column < len(cells) and isinstance(cells[column], str):
                text = as_text(cells[column])
                if kind == DATES or asks(text):
                    each.see(text)


def _found(surveys: Sequence[ColumnSurvey]) -> dict[str, Any]:
    """The question on all ambiguous columns of a kind, which is decided where each of them decides it alike."""
    ambiguous = [each for each in surveys if each.options]
    if not ambiguous:
        return {}
    options = dict.fromkeys(option for each in ambiguous for option in each.options)
    decided = {each.decided for each in ambiguous}
    only = decided.pop() if len(decided) == 1 else None
    return {"sample": ambiguous[0].sample, "options": list(options), "decided": only}


def answer(job: ImportJob, kind: str, style: str) -> None:
    """Store the answer to a question; raises `DomainError` for one that was not offered."""
    if job.status is not ImportStatus.UPLOADED:
        return
    if kind not in _KINDS or style not in set(_KINDS[kind]):
        raise DomainError(_("Choose one of the answers."))
    job.reading = {**job.reading, kind: style}
    db.session.flush()


def choose_sheet(job: ImportJob, sheet: str) -> None:
    """Read another sheet of the file, whose columns are not chosen yet.

    Raises `DomainError` for an unknown one, and for one without a readable table.
    """
    if job.status is not ImportStatus.UPLOADED:
        return
    if sheet not in job_table(job).sheets:
        raise DomainError(_("The file has no such sheet."))
    headings, total = first_look(job.stored_name, job.original_name, sheet=sheet)
    job.reading, job.mapping = {SHEET: sheet}, {}
    job.headings, job.total_rows = list(headings), total
    job.sha256 = _digest(job, sheet)
    db.session.flush()


def _digest(job: ImportJob, sheet: str) -> str:
    """The digest of the file, for another sheet than the one that is read without a choice with its name."""
    with storage().open(job.stored_name) as file:
        digest = hashlib.sha256(file.read())
    if sheet != read_table(job.stored_name, job.original_name).sheet:
        digest.update(sheet.encode())
    return digest.hexdigest()


def take_answers(job: ImportJob, sent: Mapping[str, str]) -> None:
    """Read the file of *job* as the form *sent* says, which names a sheet or answers questions; raises `DomainError`."""
    if SHEET in sent:
        choose_sheet(job, sent[SHEET])
    for kind in (DATES, NUMBERS):
        if kind in sent:
            answer(job, kind, sent[kind])
