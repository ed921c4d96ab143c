"""Import of orders: upload, column mapping, preview, run and result."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Select
from werkzeug.wrappers import Response
from wtforms import FileField, HiddenField, ValidationError, validators

from app.errors import DomainError
from app.extensions import db
from app.gateways.task_queue import enqueue_after_commit
from app.lib.persian import persian_digits
from app.panel.access import Access, permitted, requires, row_key
from app.panel.displays import Chip
from app.panel.forms.builder import PanelForm
from app.panel.forms.reauthentication import MOST_UNASKED, require_recent_password
from app.panel.responses import failure
from app.panel.section import Section
from app.panel.view_models import Button, FormPage
from app.services.assignment.share import sentences_on_import
from app.services.imports.files import write_rejections
from app.services.imports.jobs import (
    count_rejections,
    first_rejections,
    queue_import,
    receive_file,
    remember_columns,
)
from app.services.imports.preview import FIELDS, describe, mapping_of, preview
from app.services.imports.undo import undo_import
from app.tasks.imports import run_import_job
from models.job import ORDERS, ImportJob, ImportStatus
from views import groups

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLOURS = {
    ImportStatus.QUEUED: "blue",
    ImportStatus.RUNNING: "blue",
    ImportStatus.DONE: "green",
    ImportStatus.FAILED: "red",
}
UNDER_WAY = (ImportStatus.QUEUED, ImportStatus.RUNNING)


class FileForm(PanelForm):
    """The file, and a token so that a form sent twice starts one import."""

    file = FileField(_l("File"), description=_l("csv or xlsx, at most 10 megabytes and 50,000 rows."))
    client_token = HiddenField(validators=[validators.UUID()], default=lambda: str(uuid4()))

    def validate_file(self, field: FileField) -> None:
        if not getattr(field.data, "filename", ""):
            raise ValidationError(_("Choose a file."))


class Imports(Section):
    model = ImportJob
    slug = "imports"
    title, title_one = _l("Import of orders"), _l("import")
    group, icon, menu_order = groups.SALES, "file-import", 290

    columns = (
        "original_name",
        "created_at",
        Chip("status", COLOURS),
        "total_rows",
        "accepted",
        "repeated",
        "rejected",
    )
    labels = {"created_at": _l("Received")}
    filters = ("status", "created_at", "total_rows")
    sortable = ("created_at",)
    empty_hint = _l("Bring your orders in from an Excel or csv file; columns are found by themselves.")

    roles = {"Manager": Access.READ | Access.ADD | Access.actions("cancel")}

    def statement(self) -> Select[Any]:
        """The imports of orders; those of other sections have pages of their own."""
        return super().statement().where(ImportJob.section == ORDERS)

    def list_buttons(self) -> Sequence[Button]:
        if not permitted(self, "can_add"):
            return []
        return [Button(_("Import a file"), "file-import", f"{self.base_url}add", primary=True)]

    @expose("/add", methods=["GET", "POST"])
    @requires("add")
    def add(self) -> str | Response | tuple[str, int]:
        form = FileForm()
        if request.method == "POST" and form.validate():
            try:
                job = receive_file(
                    form.file.data.stream,
                    name=form.file.data.filename,
                    client_token=UUID(form.client_token.data),
                )
                db.session.commit()
                return redirect(self._address("show", job))
            except DomainError as error:
                db.session.rollback()
                form.refuse(error)
        return self._upload_page(form)

    def _upload_page(self, form: FileForm) -> str | tuple[str, int]:
        names = ["file", "client_token"]
        page = FormPage(_("Import a file"), self.base_url, form, names, _("Go on"), form.error_count)
        html = self.render_template("sales/imports/file.html", page=page, section=self)
        return (html, 422) if request.method == "POST" else html

    @expose("/show/<pk>")
    @requires("show")
    def show(self, pk: str) -> str:
        job = self._job(pk)
        if job.status is ImportStatus.UPLOADED:
            return self._columns_page(job)
        if job.status in UNDER_WAY:
            return self.render_template("sales/imports/run.html", job=job, section=self)
        return self._result_page(job)

    def _columns_page(self, job: ImportJob, *, problem: str | None = None) -> str:
        described = describe(job)
        chosen: dict[int, str | None] = {index: field for field, index in job.mapping.items()}
        if problem is not None:
            chosen = dict(enumerate(self._chosen_fields(job)))
        return self.render_template(
            "sales/imports/columns.html",
            job=job,
            described=described,
            chosen=chosen or {each.index: each.field for each in described.headings},
            fields=FIELDS,
            problem=problem,
            section=self,
        )

    def _result_page(self, job: ImportJob) -> str:
        return self.render_template(
            "sales/imports/result.html",
            job=job,
            reasons=count_rejections(job),
            rejected=first_rejections(job),
            dealt=sentences_on_import(job),
            may_undo=permitted(self, "can_cancel"),
            section=self,
        )

    @expose("/columns/<pk>", methods=["POST"])
    @requires("add")
    def choose_columns(self, pk: str) -> Response | tuple[str, int]:
        job = self._job(pk)
        try:
            remember_columns(job, mapping_of(self._chosen_fields(job)))
        except DomainError as error:
            return self._columns_page(job, problem=str(error)), 422
        db.session.commit()
        return redirect(self._address("preview", job))

    def _chosen_fields(self, job: ImportJob) -> list[str | None]:
        count = len(describe(job).headings)
        return [request.form.get(f"column-{index}") or None for index in range(count)]

    @expose("/preview/<pk>")
    @requires("add")
    def preview(self, pk: str) -> str | Response:
        job = self._job(pk)
        if job.status is not ImportStatus.UPLOADED or not job.mapping:
            return redirect(self._address("show", job))
        return self.render_template(
            "sales/imports/preview.html",
            job=job,
            rows=preview(job, job.mapping),
            described=describe(job),
            fields=FIELDS,
            section=self,
        )

    @expose("/run/<pk>", methods=["POST"])
    @requires("add")
    def run(self, pk: str) -> Response:
        job = self._job(pk)
        try:
            is_new = queue_import(job, job.mapping, assign=bool(request.form.get("assign")))
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self._address("show", job))
        if is_new:
            enqueue_after_commit(run_import_job, job.id, job.organization_id)
        db.session.commit()
        return redirect(self._address("show", job))

    @expose("/progress/<pk>")
    @requires("show")
    def progress(self, pk: str) -> str | Response:
        job = self._job(pk)
        if job.status in UNDER_WAY:
            return self.render_template("sales/imports/_progress.html", job=job, section=self)
        return Response(status=204, headers={"HX-Redirect": self._address("show", job)})

    @expose("/rejected/<pk>")
    @requires("show")
    def rejected(self, pk: str) -> Response:
        job = self._job(pk)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "rejected.xlsx"
            write_rejections(job, path)
            content = path.read_bytes()
        response = Response(content, mimetype=XLSX)
        response.headers.set("Content-Disposition", "attachment", filename=f"rejected-{job.id}.xlsx")
        return response

    @expose("/take-back/<pk>", methods=["POST"])
    @requires("cancel")
    def take_back(self, pk: str) -> Response:
        job = self._job(pk)
        if job.total_rows > MOST_UNASKED:
            require_recent_password()
        address = self._address("show", job)
        try:
            undone = undo_import(job)
        except DomainError as error:
            return failure(str(error), address)
        db.session.commit()
        words = ngettext("%(num)s order taken back.", "%(num)s orders taken back.", undone.orders)
        flash(json.dumps({"text": persian_digits(words)}), "toast")
        return redirect(address)

    def _job(self, pk: str) -> ImportJob:
        job: ImportJob = self.get_row(row_key(pk))
        return job

    def _address(self, route: str, job: ImportJob) -> str:
        return f"{self.base_url}{route}/{job.id}"
