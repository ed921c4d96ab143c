"""The routes of an export: a form for the file format, then a job that writes the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import request
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.errors import DomainError
from app.extensions import db
from app.lib.persian import group_number
from app.panel.access import requires, wants_fragment
from app.panel.actor import acting_organization
from app.panel.bulk.routes import BulkScreen
from app.panel.bulk.ticked import ticked_keys
from app.panel.columns import Column, Kind
from app.panel.declaration import EXPORT
from app.panel.export.job import chosen_format, opened, queue_job
from app.panel.export.values import file_columns
from app.panel.export.writer import MOST_ROWS, TICKED, count_rows, write_table
from app.panel.lists.preferences import query_string
from app.panel.queries.arguments import read_query
from app.panel.queries.preferences import COLUMNS
from app.panel.rates.groups import Group, limited
from app.panel.responses import failure
from models.job import FILE_FORMATS, ExportFormat, ExportJob


class ExportScreen(BulkScreen):
    """/export, and the export of ticked rows from the bulk bar."""

    @expose("/export", methods=["GET", "POST"])
    @requires(EXPORT)
    @limited(write=Group.EXPORT)
    def export(self) -> Any:
        if request.method == "GET":
            return self._export_form(query_string(request.args))
        return self._queue_export(self._export_query())

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        if request.form.get("action") != EXPORT:
            return super().action_post()
        return self._export_chosen()

    @requires(EXPORT)
    def _export_chosen(self) -> Any:
        if not request.form.get("_all"):
            ticked_keys(request.form)
        return self._export_form(self._export_query())

    def _export_query(self) -> str:
        """The query string of the ticked rows, or of all matching rows when none is ticked."""
        text = request.form.get("_query", "").removeprefix("?")
        if "rowid" not in request.form or request.form.get("_all"):
            return text
        keys = sorted(ticked_keys(request.form))
        self.rows_in_scope(keys)
        columns = [pair for pair in read_query(text).items(multi=True) if pair[0] == COLUMNS]
        return urlencode([*columns, (TICKED, ",".join(map(str, keys)))])

    def _export_form(self, text: str, problem: str = "") -> Any:
        try:
            count = count_rows(self, read_query(text))
        except DomainError as error:
            return failure(str(error), self.base_url)
        if count > MOST_ROWS:
            problem = _("At most %(count)s rows at once; choose a filter.", count=group_number(MOST_ROWS))
        html = self.render_template(
            "panel/export/export.html",
            layout="panel/layout/dialog.html" if wants_fragment() else "panel/layout/dialog_page.html",
            query=text,
            count=count,
            problem=problem or (_("Nothing matches any more.") if not count else ""),
            formats=FILE_FORMATS,
            columns=file_columns(self, self._export_columns(text)),
            may_reveal=self._masks() and self._has_mobiles(text),
            token=request.form.get("_token") or str(uuid4()),
            section=self,
        )
        return (html, 422) if request.form.get("_step") == "run" else html

    def _queue_export(self, text: str) -> Any:
        chosen = chosen_format()
        try:
            count = count_rows(self, read_query(text))
        except DomainError as error:
            return failure(str(error), self.base_url)
        if chosen is None or not 0 < count <= MOST_ROWS:
            return self._export_form(text, _("Choose the kind of file."))
        job = queue_job(
            self,
            text,
            chosen,
            count,
            columns=[column.path for column in self._export_columns(text)],
            masked=self._masks() and not request.form.get("reveal"),
        )
        db.session.commit()
        return opened(self, job)

    def write_table(self, job: ExportJob, path: Path) -> Iterator[int]:
        """Write the rows of *job*, or its page, into the file at *path*."""
        if job.file_format is ExportFormat.PAGE:
            return self.write_page(job, path)
        return write_table(job, self, path)

    def write_page(self, job: ExportJob, path: Path) -> Iterator[int]:
        """Write the page that *job* makes into the file at *path*; yields the number of read rows."""
        raise NotImplementedError

    def _export_columns(self, text: str) -> Sequence[Column]:
        query = read_query(text)
        asked = query.get(COLUMNS, "")
        return self.columns_of(asked.split(",")) if asked else self.shown_columns(query.get("tab", ""))

    def _masks(self) -> bool:
        organization = acting_organization()
        return organization is not None and organization.mask_mobiles

    def _has_mobiles(self, text: str) -> bool:
        return any(column.kind is Kind.MOBILE for column in file_columns(self, self._export_columns(text)))
