"""How the file of a job is read: its sheet, and what the ambiguous texts of a column mean (decision 0072)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.extensions import db
from app.lib.tables.cells import as_text
from app.lib.tables.source import DoubtfulRow
from app.lib.tables.values.styles import DateStyle, NumberStyle, Styles
from app.lib.tables.values.survey import DateSurvey, NumberSurvey
from app.services.imports.files import job_table
from models.job import ImportJob, ImportStatus

DATES, NUMBERS, SHEET = "dates", "numbers", "sheet"
_KINDS: Mapping[str, type[DateStyle | NumberStyle]] = {DATES: DateStyle, NUMBERS: NumberStyle}
_FOUND = "found"


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


def survey(job: ImportJob, mapping: Mapping[str, int]) -> None:
    """Find out which texts of the file are ambiguous under *mapping*, and what their columns say of them."""
    dates, numbers = DateSurvey(), NumberSurvey()
    columns = [
        (mapping[name], see)
        for name, see in (("ordered_at", dates.see), ("quantity", numbers.see))
        if name in mapping
    ]
    if columns:
        for _number, cells in job_table(job).rows():
            if isinstance(cells, DoubtfulRow):
                continue
            for column, see in columns:
                if column < len(cells) and isinstance(cells[column], str):
                    see(as_text(cells[column]))
    found = {
        kind: {"sample": each.sample, "options": list(each.options), "decided": each.decided}
        for kind, each in ((DATES, dates), (NUMBERS, numbers))
        if each.options
    }
    job.reading = {**job.reading, _FOUND: found}
    db.session.flush()


def answer(job: ImportJob, kind: str, style: str) -> None:
    """Store the answer to a question; raises `DomainError` for one that was not offered."""
    if job.status is not ImportStatus.UPLOADED:
        return
    if kind not in _KINDS or style not in set(_KINDS[kind]):
        raise DomainError(_("Choose one of the answers."))
    job.reading = {**job.reading, kind: style}
    db.session.flush()


def choose_sheet(job: ImportJob, sheet: str) -> None:
    """Read another sheet of the file, whose columns are not chosen yet; raises `DomainError` for an unknown one."""
    if job.status is not ImportStatus.UPLOADED:
        return
    if sheet not in job_table(job).sheets:
        raise DomainError(_("The file has no such sheet."))
    job.reading, job.mapping = {SHEET: sheet}, {}
    table = job_table(job)
    job.headings, job.total_rows = list(table.headers), sum(1 for _row in table.rows())
    db.session.flush()
