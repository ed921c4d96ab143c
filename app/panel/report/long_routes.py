"""The route of reports over long ranges, and the file that their job makes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, ClassVar

from flask import redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.errors import DomainError
from app.extensions import db
from app.panel.access import requires, wants_fragment
from app.panel.bulk.progress import PageWords
from app.panel.queries.arguments import read_query
from app.panel.rates.groups import Group, limited
from app.panel.report.long import is_long, made_page, query_of, queue_page, reading_scope
from app.panel.report.page import ReportPage, address
from app.panel.report.reading import Reading, read
from app.panel.report.saved_routes import SavedReportRoutes
from app.panel.report.words import Answer, Asked
from models.job import ExportJob


class BadRange(DomainError):
    """The address of a job can't be read."""


class LongReportRoutes(SavedReportRoutes):
    """POST /make: a job makes the page of a range with very many rows."""

    # Returns about how many rows the figures are read from: beyond a number of them a job makes the page.
    size_of: ClassVar[Callable[[Asked], int] | None] = None
    # The right that the job of a page asks for.
    page_right: ClassVar[str] = "can_list"

    @expose("/make", methods=["POST"])
    @requires("list")
    @limited(write=Group.REPORT)
    def make(self) -> Any:
        """Queue the job that makes the page of a long range; nothing where one is at work or the page is there."""
        arguments = read_query(request.form.get("_query", ""))
        asked, query = read(self, arguments).asked, query_of(self, arguments)
        url = address(self.base_url, arguments.to_dict())
        if asked is None or not is_long(self, asked):
            return redirect(url)
        if not made_page(self, query).is_there:
            queue_page(self, query, asked)
            db.session.commit()
        if not wants_fragment():
            return redirect(url)
        made = made_page(self, query)
        return self.render_template("panel/report/_making.html", made=made, section=self)

    def page_words(self, job: ExportJob) -> PageWords:
        """How the job of a page is shown."""
        return PageWords(
            title=str(self.title),
            url=f"{self.base_url}?{job.query}",
            label=_("Show the report"),
            ready=_("The report is ready."),
            stopped=_("The report was stopped before it was ready."),
        )

    def figures(
        self, reading: Reading, arguments: MultiDict[str, str], answer: Answer | None = None
    ) -> ReportPage:
        """The page with its figures and without what stands around them."""
        raise NotImplementedError

    def in_steps(self, asked: Asked) -> Generator[int, None, Answer]:
        """The figures; yields the number of rows read so far."""
        raise NotImplementedError

    def write_page(self, job: ExportJob, path: Path) -> Iterator[int]:
        """Write the figures that *job* asks for into the file at *path*; yields the number of read rows."""
        # Before a row is read: a job that was stopped while it waited ends here.
        yield 0
        arguments = read_query(job.query)
        reading = read(self, arguments)
        if reading.asked is None:
            raise BadRange(_("A filter of this list can't be read; mend it first."))
        if list(job.columns) != list(reading_scope()):
            raise BadRange(_("Your rights have changed; make the report once more."))
        answer = yield from self.in_steps(reading.asked)
        page = self.figures(reading, arguments, answer)
        path.write_text(self.render_template("panel/report/_body.html", page=page), encoding="utf-8")
        yield job.total
