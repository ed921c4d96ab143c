"""The base of reports: the page at the report's address, and the export of its table."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.lib.money import Currency
from app.panel.access import permitted, requires, wants_fragment
from app.panel.actor import currency
from app.panel.declaration import EXPORT
from app.panel.export.job import chosen_format, opened, queue_job
from app.panel.export.values import exported_amount
from app.panel.export.writer import WRITERS
from app.panel.lists.preferences import query_string
from app.panel.queries.arguments import read_query
from app.panel.rates.groups import Group, limited
from app.panel.report.long import is_long, made_page, query_of
from app.panel.report.long_routes import BadRange, LongReportRoutes
from app.panel.report.page import (
    Heading,
    ReportPage,
    address,
    chart_parts,
    form_of,
    headings_of,
    in_words,
    legend_of,
    linker,
    rows_by,
    table_of,
)
from app.panel.report.parts import CELL, Behind, shown
from app.panel.report.reading import Range, Reading, read
from app.panel.report.rows import rows_page
from app.panel.report.values import amount_of, sum_of, value_of
from app.panel.report.words import (
    Answer,
    Asked,
    Chart,
    Measure,
    MeasureKind,
    ReportFilter,
    ReportRow,
    ReportSwitch,
    RowsBy,
)
from models.job import FILE_FORMATS, ExportFormat, ExportJob
from models.organization import Organization


class Report(LongReportRoutes):
    """A report: declare `of`, `by` and `measures`; `filters`, `switches`, `total` and `chart` where it has them."""

    # Returns the figures; it reads the rows that the acting member may see.
    of: ClassVar[Callable[..., Answer]]
    by: ClassVar[Sequence[RowsBy]]
    measures: ClassVar[Sequence[Measure]]
    filters: ClassVar[Sequence[ReportFilter]] = ()
    switches: ClassVar[Sequence[ReportSwitch]] = ()
    # Returns the figures as `of` does, and yields the number of rows read so far, so that a job can be stopped.
    steps_of: ClassVar[Callable[..., Generator[int, None, Answer]] | None] = None
    # The label of the sum of the rows; None for a table without one.
    total: ClassVar[LazyString | None] = None
    chart: ClassVar[Chart | None] = None
    # The longest range in Jalali months.
    most_months: ClassVar[int | None] = 4
    # The ready ranges; the first one is the default.
    ranges: ClassVar[Sequence[Range]] = (
        Range.THIS_MONTH,
        Range.YESTERDAY,
        Range.LAST_WEEK,
        Range.LAST_MONTH,
        Range.THREE_MONTHS,
        Range.FOUR_MONTHS,
    )
    # Returns the rows behind the figure of a cell, which the links of figures lead to; None for an unknown cell.
    rows_of: ClassVar[Callable[..., Behind | None] | None] = None

    title_one = _l("row of the report")
    needs_organization = True
    logs_views = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        routes = {"rows": cls.rows_of, "make": cls.size_of}
        cls.exclude_route_methods = {name for name, word in routes.items() if word is None}
        super().__init_subclass__(**kwargs)
        for word in ("of", "steps_of", "rows_of", "size_of"):
            if callable(vars(cls).get(word)):
                setattr(cls, word, staticmethod(vars(cls)[word]))

    def sentence(self, asked: Asked, answer: Answer) -> str:
        """The result in one sentence."""
        return ""

    def facts(self, asked: Asked, answer: Answer) -> Sequence[str]:
        """Further facts beside the sentence."""
        return ()

    def too_long(self, last: str) -> str:
        """The message for a range that is too long; *last* is the last possible day."""
        return str(_("The range is too long; the last possible day is %(last)s.", last=last))

    @expose("/")
    @requires("list")
    @limited(read=Group.REPORT)
    def index(self) -> Any:
        reading = read(self, request.args)
        form = form_of(self, reading, request.args)
        saved_url = address(f"{self.base_url}saved", request.args.to_dict())
        if reading.asked is None:
            page = ReportPage(str(self.title), form, "", None, saved_url)
            return self.render_template("panel/report/report.html", page=page), 422
        if is_long(self, reading.asked):
            made = made_page(self, query_of(self, request.args))
            page = ReportPage(
                title=str(self.title),
                form=form,
                chosen=in_words(self, reading.asked, reading),
                export_url=self._export_url(request.args),
                saved_url=saved_url,
                made=made,
            )
            return self.render_template("panel/report/report.html", page=page, section=self)
        page = replace(self.figures(reading, request.args), form=form, saved_url=saved_url)
        if page.table is not None:
            page = replace(page, export_url=self._export_url(request.args))
        return self.render_template("panel/report/report.html", page=page)

    def _export_url(self, arguments: MultiDict[str, str]) -> str | None:
        may_export = permitted(self, f"can_{EXPORT}")
        return address(f"{self.base_url}{EXPORT}", arguments.to_dict()) if may_export else None

    def in_steps(self, asked: Asked) -> Generator[int, None, Answer]:
        """The figures; yields the number of rows read so far."""
        if self.steps_of is None:
            return self.of(asked)
        return (yield from self.steps_of(asked))

    def figures(
        self, reading: Reading, arguments: MultiDict[str, str], answer: Answer | None = None
    ) -> ReportPage:
        """The page with its figures and without what stands around them."""
        asked, unit, url_of = reading.asked, currency(), linker(self, arguments)
        if asked is None:
            raise BadRange(_("A filter of this list can't be read; mend it first."))
        answer = answer or self.of(asked)
        picture, chart_table = chart_parts(self, answer, unit, url_of)
        return ReportPage(
            title=str(self.title),
            form=None,
            chosen=in_words(self, asked, reading),
            export_url=None,
            saved_url="",
            sentence=self.sentence(asked, answer),
            facts=self.facts(asked, answer),
            table=table_of(self, answer, self.row_label(asked), unit, url_of) if answer.rows else None,
            rows_by=rows_by(self, asked, arguments),
            chart=picture,
            chart_title=answer.chart_title,
            chart_table=chart_table,
            legend=legend_of(self),
            parts=[shown(each, url_of) for each in answer.parts],
        )

    @expose("/rows")
    @requires("list")
    @limited(read=Group.REPORT)
    def rows(self) -> Any:
        """The rows behind a figure, a page at a time."""
        reading = read(self, request.args)
        if reading.asked is None:
            return self.index.__wrapped__(self)
        behind = self.rows_of(reading.asked, request.args.get(CELL, "")) if self.rows_of else None
        if behind is None:
            abort(404)
        page = rows_page(self, behind, request.args)
        chosen = in_words(self, reading.asked, reading)
        return self.render_template("panel/report/rows.html", page=page, chosen=chosen, title=str(self.title))

    def row_label(self, asked: Asked) -> str:
        """The heading of the rows."""
        return next(str(each.label) for each in self.by if each.key == asked.by)

    @expose("/export", methods=["GET", "POST"])
    @requires(EXPORT)
    @limited(write=Group.EXPORT)
    def export(self) -> Any:
        if request.method == "GET":
            return self._export_form(query_string(request.args))
        text = request.form.get("_query", "").removeprefix("?")
        count, chosen = self._count(text), chosen_format()
        if count == 0 or chosen is None:
            return self._export_form(text, _("Choose the kind of file.") if count != 0 else "")
        job = queue_job(self, text, chosen, count or 0, columns=[], masked=False)
        db.session.commit()
        return opened(self, job)

    def _export_form(self, text: str, problem: str = "") -> Any:
        count = self._count(text)
        html = self.render_template(
            "panel/export/export.html",
            layout="panel/layout/dialog.html" if wants_fragment() else "panel/layout/dialog_page.html",
            query=text,
            count=count,
            problem=problem or (_("Nothing matches any more.") if count == 0 else ""),
            formats=FILE_FORMATS,
            columns=headings_of(self.measures, currency()),
            may_reveal=False,
            token=request.form.get("_token") or str(uuid4()),
            section=self,
        )
        return (html, 422) if request.form.get("_step") == "run" else html

    def _count(self, text: str) -> int | None:
        """The number of rows and totals of the address *text*; None for a long range, which only a job reads."""
        asked = read(self, read_query(text)).asked
        return None if asked is not None and is_long(self, asked) else len(self._exported(text))

    def _exported(self, text: str) -> list[ReportRow]:
        """The rows and totals of the address *text*; none where it can't be read."""
        asked = read(self, read_query(text)).asked
        return [] if asked is None else self.rows_of_file(self.of(asked))

    def rows_of_file(self, answer: Answer) -> list[ReportRow]:
        """The rows of *answer* with their totals, as a file has them."""
        total = [sum_of(answer.rows, self.measures, str(self.total))] if self.total and answer.rows else []
        return [*answer.rows, *total, *(answer.totals if answer.rows else ())]

    def write_table(self, job: ExportJob, path: Path) -> Iterator[int]:
        """Write the table of *job*, or its page, into the file at *path*; yields the number of written rows."""
        if job.file_format is ExportFormat.PAGE:
            yield from self.write_page(job, path)
            return
        asked = read(self, read_query(job.query)).asked
        if asked is None:
            raise BadRange(_("A filter of this list can't be read; mend it first."))
        rows = self.rows_of_file((yield from _quietly(self.in_steps(asked))))
        unit = Currency(db.session.get_one(Organization, job.organization_id).currency.value)
        self.write_file(path, job.file_format, asked, rows, unit)
        yield len(rows)

    def write_file(
        self, path: Path, kind: ExportFormat, asked: Asked, rows: Sequence[ReportRow], unit: Currency
    ) -> None:
        """Write *rows* into the file at *path*."""
        headings = [Heading(self.row_label(asked), "", False), *headings_of(self.measures, unit)]
        kinds = ["text", *("number" for _each in self.measures)]
        with WRITERS[kind](path, [each.label for each in headings], kinds) as table:
            for row in rows:
                table.row([row.label, *(_exported_value(each, row, unit) for each in self.measures)])


def _quietly(steps: Generator[int, None, Answer]) -> Generator[int, None, Answer]:
    """*steps* without numbers, which are not those of the rows of the file."""
    try:
        while True:
            next(steps)
            yield 0
    except StopIteration as end:
        answer: Answer = end.value
        return answer


def _exported_value(measure: Measure, row: ReportRow, unit: Currency) -> int | float | str:
    value = value_of(measure, row)
    if value is None:
        return ""
    is_money = measure.kind in {MeasureKind.MONEY, MeasureKind.MEAN}
    return exported_amount(amount_of(measure, int(value), unit), unit) if is_money else value
