"""The routes of an export: a form for the file format, then a job that writes the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4, uuid5

from flask import make_response, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.gateways.task_queue import enqueue_after_commit
from app.lib.jalali import format_date, today
from app.lib.persian import group_number, latin_digits
from app.panel.access import requires, wants_fragment
from app.panel.actor import acting_organization, member_id
from app.panel.bulk.progress import export_page
from app.panel.bulk.routes import BulkScreen
from app.panel.bulk.selection import OURS
from app.panel.bulk.ticked import ticked_keys
from app.panel.columns import Column, Kind
from app.panel.declaration import EXPORT
from app.panel.export.writer import MOST_ROWS, TICKED, count_rows
from app.panel.forms.builder import is_unique_violation
from app.panel.lists.preferences import query_string
from app.panel.queries.arguments import read_query
from app.panel.queries.preferences import COLUMNS
from app.panel.responses import failure
from models.audit.recorder import record_event
from models.job import ExportFormat, ExportJob


class ExportScreen(BulkScreen):
    """/export, and the export of ticked rows from the bulk bar."""

    @expose("/export", methods=["GET", "POST"])
    @requires(EXPORT)
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
            formats=list(ExportFormat),
            columns=self._export_columns(text),
            may_reveal=self._masks() and self._has_mobiles(text),
            token=request.form.get("_token") or str(uuid4()),
            section=self,
        )
        return (html, 422) if request.form.get("_step") == "run" else html

    def _queue_export(self, text: str) -> Any:
        wanted = request.form.get("format", ExportFormat.XLSX.value)
        chosen = next((each for each in ExportFormat if each.value == wanted), None)
        try:
            count = count_rows(self, read_query(text))
        except DomainError as error:
            return failure(str(error), self.base_url)
        if chosen is None or not 0 < count <= MOST_ROWS:
            return self._export_form(text, _("Choose the kind of file."))
        job = self._export_job(text, chosen, count)
        db.session.commit()
        page = export_page(job)
        if not wants_fragment():
            return redirect(page.url)
        response: Response = make_response(self.render_template("panel/bulk/dialog.html", page=page))
        response.headers["HX-Trigger"] = "bulk:queued"
        return response

    def _export_job(self, text: str, chosen: ExportFormat, count: int) -> ExportJob:
        """The job that writes the file, flushed and queued; the first job for a form sent twice."""
        token = uuid5(OURS, f"export {member_id()} {request.form.get('_token') or uuid4()}")
        earlier = select(ExportJob).where(ExportJob.client_token == token)
        found: ExportJob | None = db.session.scalar(earlier)
        if found is not None:
            return found
        day = latin_digits(format_date(today())).replace("/", "-")
        reveals = bool(request.form.get("reveal"))
        job = ExportJob(
            client_token=token,
            section=self.slug,
            query=text,
            columns=[column.path for column in self._export_columns(text)],
            file_format=chosen,
            total=count,
            masked=self._masks() and not reveals,
            original_name=f"{self.title}-{day}.{chosen.value}",
        )
        try:
            with db.session.begin_nested():
                db.session.add(job)
        except IntegrityError as error:
            if not is_unique_violation(error):
                raise
            first: ExportJob = db.session.scalars(earlier).one()
            return first
        details = {"query": text[:500], "count": count, "format": chosen.value, "masked": job.masked}
        record_event(db.session(), EXPORT, job, after=details)
        enqueue_after_commit("export.run", job.id, job.organization_id)
        return job

    def _export_columns(self, text: str) -> Sequence[Column]:
        asked = read_query(text).get(COLUMNS, "")
        return self.columns_of(asked.split(",")) if asked else self.shown_columns()

    def _masks(self) -> bool:
        organization = acting_organization()
        return organization is not None and organization.mask_mobiles

    def _has_mobiles(self, text: str) -> bool:
        return any(column.kind is Kind.MOBILE for column in self._export_columns(text))
