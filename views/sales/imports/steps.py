"""The steps of an import of orders up to its run: the file, its columns, a preview."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID, uuid4

from flask import redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import FileField, HiddenField, ValidationError, validators

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage.reading import questions_of, take_answers
from app.gateways.task_queue import enqueue_after_commit
from app.panel.access import requires, row_key
from app.panel.action import Done
from app.panel.forms.builder import PanelForm
from app.panel.imports.reading import STYLES
from app.panel.rates.groups import Group, limited
from app.panel.responses import failure, leave_toast
from app.panel.section import Section
from app.panel.view_models import FormPage
from app.services.imports.describe import describe, mapping_of
from app.services.imports.fields import FIELDS, ambiguous_columns
from app.services.imports.jobs import find_earlier, queue_import, receive_file, remember_columns
from app.services.imports.preview import Preview, preview, preview_steps
from app.tasks.imports import run_import_job
from models.job import ImportJob, ImportStatus

UNDER_WAY = (ImportStatus.QUEUED, ImportStatus.RUNNING)


class FileForm(PanelForm):
    """The file, and a token so that a form sent twice starts one import."""

    file = FileField(_l("File"), description=_l("csv or xlsx, at most 10 megabytes and 50,000 rows."))
    client_token = HiddenField(validators=[validators.UUID()], default=lambda: str(uuid4()))

    def validate_file(self, field: FileField) -> None:
        if not getattr(field.data, "filename", ""):
            raise ValidationError(_("Choose a file."))


class ImportSteps(Section):
    """The routes of the steps before the result."""

    page_right = "can_add"
    # The row is parsed, and its customer is looked up.
    preview_weight = 10

    @expose("/add", methods=["GET", "POST"])
    @requires("add")
    @limited(write=Group.UPLOAD)
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
                leave_toast(Done(_("The file is received.")))
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

    @expose("/columns/<pk>", methods=["POST"])
    @requires("add")
    def choose_columns(self, pk: str) -> Response | tuple[str, int]:
        job = self._job(pk)
        # Another tab may start the import at the same moment.
        db.session.refresh(job, with_for_update=True)
        try:
            remember_columns(job, mapping_of(self._chosen_fields(job)))
            self.survey(job)
        except DomainError as error:
            return self._columns_page(job, problem=str(error)), 422
        db.session.commit()
        return redirect(self._address("preview", job))

    def _chosen_fields(self, job: ImportJob) -> list[str | None]:
        return [request.form.get(f"column-{index}") or None for index in range(len(job.headings))]

    @expose("/preview/<pk>")
    @requires("add")
    def preview(self, pk: str) -> str | Response:
        job = self._job(pk)
        if job.status is not ImportStatus.UPLOADED or not job.mapping:
            return redirect(self._address("show", job))
        if self.is_long(job):
            made = self.made_preview(job)
            if made.body is None:
                return self.making_page(job, made, self._address("show", job))
            found = Preview.from_json(json.loads(made.body))
        else:
            found = preview(job, job.mapping)
        return self.render_template(
            "sales/imports/preview.html",
            job=job,
            found=found,
            questions=questions_of(job),
            styles=STYLES,
            earlier=find_earlier(job),
            fields=FIELDS,
            section=self,
        )

    @expose("/make/<pk>", methods=["POST"])
    @requires("add")
    @limited(write=Group.UPLOAD)
    def make(self, pk: str) -> Any:
        return self.make_preview(self._job(pk))

    def preview_url(self, key: int) -> str:
        """The address of the preview of the import *key*."""
        return f"{self.base_url}preview/{key}"

    def make_url(self, key: int) -> str:
        """The address that takes the request for the job."""
        return f"{self.base_url}make/{key}"

    def preview_steps(self, job: ImportJob) -> Iterator[tuple[int, Any]]:
        """The preview after each chunk of rows."""
        for found in preview_steps(job, job.mapping):
            yield found.outcomes.total(), found.as_json()

    def find_ambiguous(self, job: ImportJob) -> Mapping[str, Any]:
        """What is ambiguous in the columns of dates and quantities."""
        return ambiguous_columns(job)

    @expose("/reading/<pk>", methods=["POST"])
    @requires("add")
    def choose_reading(self, pk: str) -> Response:
        job = self._job(pk)
        try:
            take_answers(job, request.form)
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self._address("show", job))
        db.session.commit()
        return redirect(self._address("preview", job))

    @expose("/run/<pk>", methods=["POST"])
    @requires("add")
    def run(self, pk: str) -> Response:
        job = self._job(pk)
        try:
            self.refuse_unseen(job)
            is_new = queue_import(job, job.mapping, assign=bool(request.form.get("assign")))
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self._address("show", job))
        if is_new:
            enqueue_after_commit(run_import_job, job.id, job.organization_id)
        db.session.commit()
        leave_toast(Done(_("The import has begun.")))
        return redirect(self._address("show", job))

    def _job(self, pk: str) -> ImportJob:
        job: ImportJob = self.get_row(row_key(pk))
        return job

    def _address(self, route: str, job: ImportJob) -> str:
        return f"{self.base_url}{route}/{job.id}"
