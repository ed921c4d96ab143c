"""The pages of a section's import: the file, its columns, a preview, the run, the result, and its undo."""

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
from app.panel.access import lock_membership, requires, row_key
from app.panel.action import Done
from app.panel.forms.builder import PanelForm
from app.panel.forms.reauthentication import MOST_UNASKED, require_recent_password
from app.panel.imports.columns import check_mapping, describe_columns, fields_of, mapping_of
from app.panel.imports.preview import accepts_none, as_json, from_json, preview
from app.panel.imports.preview_screen import PreviewScreen
from app.panel.imports.reading import STYLES, ambiguous_fields
from app.panel.imports.rejections import XLSX, first_rejections, rejected_file
from app.panel.imports.undo import may_undo, undo
from app.panel.imports.upload import find_job, latest_jobs, receive, release, stop
from app.panel.rates.groups import Group, limited
from app.panel.responses import failure, leave_toast, success_at
from app.panel.view_models import FormPage
from models.audit.recorder import record_event
from models.job import ImportJob, ImportStatus

IMPORT = "import"
IMPORT_ROUTES = frozenset(
    {
        "import_file",
        "import_show",
        "import_columns",
        "import_reading",
        "import_preview",
        "import_make",
        "import_run",
        "import_progress",
        "import_stop",
        "import_rejected",
        "import_undo",
    }
)


class ImportFileForm(PanelForm):
    """The file, and a token that makes the same form sent twice one import."""

    file = FileField(_l("File"), description=_l("csv or xlsx, at most 10 megabytes and 50,000 rows."))
    client_token = HiddenField(validators=[validators.UUID()], default=lambda: str(uuid4()))

    def validate_file(self, field: FileField) -> None:
        if not getattr(field.data, "filename", ""):
            raise ValidationError(_("Choose a file."))


class ImportScreen(PreviewScreen):
    """/import and what follows it, for sections that declare `importable`."""

    @expose("/import", methods=["GET", "POST"])
    @requires(IMPORT)
    @limited(write=Group.UPLOAD)
    def import_file(self) -> str | Response | tuple[str, int]:
        form = ImportFileForm()
        if request.method == "POST" and form.validate():
            try:
                job = self._receive(form)
                db.session.commit()
                leave_toast(Done(_("The file is received.")))
                return redirect(self.import_url(job))
            except DomainError as error:
                db.session.rollback()
                form.refuse(error)
        title = _("Import: %(what)s", what=self.title)
        page = FormPage(title, self.base_url, form, ["file", "client_token"], _("Go on"), form.error_count)
        html = self.render_template(
            "panel/imports/file.html",
            page=page,
            jobs=latest_jobs(self),
            key=fields_of(self)[self.import_key] if self.import_key else None,
            section=self,
        )
        return (html, 422) if request.method == "POST" else html

    def _receive(self, form: ImportFileForm) -> ImportJob:
        file = form.file.data
        return receive(self, file.stream, name=file.filename, client_token=UUID(form.client_token.data))

    @expose("/import/<pk>")
    @requires(IMPORT)
    def import_show(self, pk: str) -> str:
        job = find_job(self, row_key(pk))
        if job.status is ImportStatus.UPLOADED:
            return self._columns_page(job)
        if job.is_under_way:
            return self.render_template("panel/imports/run.html", job=job, section=self)
        return self.render_template(
            "panel/imports/result.html",
            job=job,
            rejected=first_rejections(job),
            may_undo=may_undo(job),
            section=self,
        )

    def _columns_page(self, job: ImportJob, *, problem: str | None = None) -> str:
        found = describe_columns(self, job)
        chosen: dict[int, str | None] = {index: name for name, index in job.mapping.items()}
        if problem is not None:
            chosen = {each.index: request.form.get(f"column-{each.index}", "") for each in found.headings}
        return self.render_template(
            "panel/imports/columns.html",
            job=job,
            found=found,
            chosen=chosen or {each.index: each.field for each in found.headings},
            fields=fields_of(self),
            problem=problem,
            section=self,
        )

    @expose("/import/<pk>/columns", methods=["POST"])
    @requires(IMPORT)
    def import_columns(self, pk: str) -> Response | tuple[str, int]:
        job = find_job(self, row_key(pk))
        # Another tab may start the import at the same moment.
        db.session.refresh(job, with_for_update=True)
        chosen = [request.form.get(f"column-{index}") or None for index in range(len(job.headings))]
        try:
            mapping = mapping_of(self, chosen)
        except DomainError as error:
            return self._columns_page(job, problem=str(error)), 422
        if job.status is ImportStatus.UPLOADED:
            job.mapping = mapping
            self.survey(job)
            db.session.commit()
        return redirect(f"{self.import_url(job)}/preview")

    @expose("/import/<pk>/reading", methods=["POST"])
    @requires(IMPORT)
    def import_reading(self, pk: str) -> Response:
        job = find_job(self, row_key(pk))
        try:
            take_answers(job, request.form)
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self.import_url(job))
        db.session.commit()
        return redirect(f"{self.import_url(job)}/preview")

    @expose("/import/<pk>/preview")
    @requires(IMPORT)
    def import_preview(self, pk: str) -> str | Response:
        job = find_job(self, row_key(pk))
        if job.status is not ImportStatus.UPLOADED or not job.mapping:
            return redirect(self.import_url(job))
        if self.is_long(job):
            made = self.made_preview(job)
            if made.body is None:
                return self.making_page(job, made, self.import_url(job))
            rows = from_json(json.loads(made.body))
        else:
            rows = preview(self, job)
            # What the preview has tried was undone, the job included.
            job = find_job(self, row_key(pk))
        return self.render_template(
            "panel/imports/preview.html",
            job=job,
            rows=rows,
            none_accepted=accepts_none(rows),
            questions=questions_of(job),
            styles=STYLES,
            fields=fields_of(self),
            section=self,
        )

    def preview_steps(self, job: ImportJob) -> Iterator[tuple[int, Any]]:
        """The first rows in one step, which rolls back."""
        total = job.total_rows
        yield total, as_json(preview(self, job))

    def find_ambiguous(self, job: ImportJob) -> Mapping[str, Any]:
        """What is ambiguous in the columns of dates, numbers and amounts."""
        return ambiguous_fields(self, job)

    @expose("/import/<pk>/make", methods=["POST"])
    @requires(IMPORT)
    @limited(write=Group.UPLOAD)
    def import_make(self, pk: str) -> Any:
        return self.make_preview(find_job(self, row_key(pk)))

    @expose("/import/<pk>/run", methods=["POST"])
    @requires(IMPORT)
    def import_run(self, pk: str) -> Response:
        lock_membership()
        job = find_job(self, row_key(pk))
        try:
            check_mapping(self, job.mapping)
            self.refuse_unseen(job)
        except DomainError as error:
            return failure(str(error), self.import_url(job))
        if release(job):
            record_event(
                db.session(), "import", job, after={"file": job.original_name, "rows": job.total_rows}
            )
            enqueue_after_commit("section_imports.run", job.id, job.organization_id)
        db.session.commit()
        leave_toast(Done(_("The import has begun.")))
        return redirect(self.import_url(job))

    @expose("/import/<pk>/progress")
    @requires(IMPORT)
    @limited(read=Group.NEWS)
    def import_progress(self, pk: str) -> str | Response:
        job = find_job(self, row_key(pk))
        if job.is_under_way:
            return self.render_template("panel/imports/_progress.html", job=job, section=self)
        return Response(status=204, headers={"HX-Redirect": self.import_url(job)})

    @expose("/import/<pk>/stop", methods=["POST"])
    @requires(IMPORT)
    def import_stop(self, pk: str) -> Response:
        job = find_job(self, row_key(pk))
        if stop(job):
            record_event(db.session(), "stop import", job)
        db.session.commit()
        return redirect(self.import_url(job))

    @expose("/import/<pk>/rejected")
    @requires(IMPORT)
    def import_rejected(self, pk: str) -> Response:
        job = find_job(self, row_key(pk))
        response = Response(rejected_file(job), mimetype=XLSX)
        response.headers.set("Content-Disposition", "attachment", filename=f"rejected-{job.id}.xlsx")
        return response

    @expose("/import/<pk>/undo", methods=["POST"])
    @requires(IMPORT)
    def import_undo(self, pk: str) -> Response:
        lock_membership()
        job = find_job(self, row_key(pk))
        if job.accepted + job.changed > MOST_UNASKED:
            require_recent_password()
        address = self.import_url(job)
        try:
            undone = undo(self, job)
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), address)
        db.session.commit()
        count = undone.deleted + undone.put_back
        words = _("%(num)s %(what)s taken back.", num=count, what=self.title_one)
        if undone.left:
            words += " " + _(
                "%(num)s %(what)s were changed since and stay.", num=undone.left, what=self.title_one
            )
        return success_at(Done(words), address)

    def import_url(self, job: ImportJob) -> str:
        return f"{self.base_url}import/{job.id}"
