"""The mail of a saved report: its sentence, the table of its figures, and the table as a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import current_app, render_template
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.errors import DomainError
from app.gateways.mailer import MailFile, MailMessage
from app.lib.jalali import TEHRAN, format_date
from app.lib.persian import latin_digits
from app.panel.access import permitted
from app.panel.actor import currency
from app.panel.declaration import EXPORT
from app.panel.queries.arguments import read_query
from app.panel.report.page import ShownTable, address, in_words, table_of
from app.panel.report.parts import Linker
from app.panel.report.reading import FROM, RANGE, TO, Range, range_of, read
from app.panel.report.words import Answer, Asked
from models.job import ExportFormat
from models.schedule.saved_report import SavedReport

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UnreadableReport(DomainError):
    """The filters of a saved report can't be read any more."""


def arguments_on(saved: SavedReport, moment: datetime) -> MultiDict[str, str]:
    """The filters of *saved* with the days of its range, as seen on the day of *moment* in Tehran."""
    chosen = range_of(saved.span) or Range.LAST_MONTH
    first, last = chosen.days_on(moment.astimezone(TEHRAN).date())
    given = {name: value for name, value in read_query(saved.query).items() if name != RANGE}
    return MultiDict({**given, FROM: format_date(first), TO: format_date(last)})


def mail_of(report: Any, saved: SavedReport, moment: datetime, *, to: str, key: str) -> MailMessage:
    """The mail of the run *moment* with the figures of the acting member; raises `UnreadableReport`."""
    arguments = arguments_on(saved, moment)
    reading = read(report, arguments)
    asked = reading.asked
    if asked is None:
        raise UnreadableReport(" ".join(reading.problems.values()))
    answer = report.of(asked)
    words = in_words(report, asked, reading)
    # The figures of a mail lead nowhere: the reader opens the report for their rows.
    url_of = Linker("", {})
    table = table_of(report, answer, report.row_label(asked), currency(), url_of) if answer.rows else None
    shown = {
        "title": saved.name,
        "report_title": str(report.title),
        "range": words,
        "sentence": report.sentence(asked, answer),
        "facts": report.facts(asked, answer),
        "table": table,
        "url": f"{current_app.config['PUBLIC_BASE_URL']}{address(report.base_url, arguments.to_dict())}",
    }
    return MailMessage(
        to,
        _("Report «%(name)s»: %(range)s", name=saved.name, range=words),
        render_template("mail/report.txt", lines=_lines_of(table), **shown),
        render_template("mail/report.html", **shown),
        _files(report, saved, asked, answer),
        key,
    )


def _lines_of(table: ShownTable | None) -> list[str]:
    """The rows of the table as lines, for mail programs that show no table."""
    if table is None:
        return []
    rows = [*table.rows, *table.totals]
    return [
        f"{row.label} — "
        + "، ".join(
            f"{heading.label}: {cell.text}"
            for heading, cell in zip(table.headings, row.cells, strict=True)
            if cell.text
        )
        for row in rows
    ]


def _files(report: Any, saved: SavedReport, asked: Asked, answer: Answer) -> list[MailFile]:
    """The table as an xlsx file, for receivers who may export it."""
    if not answer.rows or not permitted(report, f"can_{EXPORT}"):
        return []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        report.write_file(path, ExportFormat.XLSX, asked, report.rows_of_file(answer), currency())
        day = latin_digits(format_date(asked.last)).replace("/", "-")
        return [MailFile(f"{saved.name}-{day}.xlsx", path.read_bytes(), _XLSX)]
