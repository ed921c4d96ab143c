"""The member's own background jobs: progress, result, cancellation and exported file."""

from __future__ import annotations

from flask import abort
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import permitted
from app.panel.bulk.progress import export_page, job_page
from app.panel.impersonation import section_of
from app.panel.login_session import for_members
from app.panel.responses import send_attachment
from models.audit.recorder import record_change
from models.job import ORDERS, BulkJob, ExportFormat, ExportJob, ImportJob
from views.oversight.jobs.pages import JobPages, ended


class Jobs(JobPages):
    model = BulkJob
    slug = "jobs"
    title, icon = _l("My background work"), "stack-2"
    empty = _l("No background work yet")
    empty_hint = _l("What you do to many rows at once stands here while it runs, and afterwards.")

    kinds = (BulkJob, ExportJob)
    notify = (
        *ended(
            BulkJob,
            done=(_l("«%(name)s» is done"), _l("%(num)s jobs are done")),
            failed=(_l("«%(name)s» failed"), _l("%(num)s jobs failed")),
            name=lambda job: job_page(job).title,
        ),
        *ended(
            ImportJob,
            done=(_l("The import of «%(name)s» is done"), _l("%(num)s imports are done")),
            failed=(_l("The import of «%(name)s» failed"), _l("%(num)s imports failed")),
            where=lambda: ImportJob.section != ORDERS,
            opens=lambda job: f"/{job.section}/import/{job.id}",
            icon="file-import",
        ),
    )


class Exports(JobPages):
    model = ExportJob
    kinds = (ExportJob,)
    slug = "exports"
    title, icon = _l("Export"), "download"
    empty = _l("No file was exported yet")
    empty_hint = _l("A file that you export from a list can be downloaded here for a day.")

    notify = ended(
        ExportJob,
        done=(_l("The file «%(name)s» is ready"), _l("%(num)s files are ready")),
        failed=(_l("The file «%(name)s» could not be made"), _l("%(num)s files could not be made")),
        # The page of a report stands where the member asked for it.
        where=lambda: ExportJob.file_format != ExportFormat.PAGE,
    )

    @expose("/<pk>/file")
    @for_members
    def file(self, pk: str) -> Response:
        """The exported file, for one day and while the member may export; each download is recorded."""
        job = self.job(pk)
        section = section_of(job.section)
        if section is None or not permitted(section, "can_export"):
            abort(403)
        page = export_page(job)
        if page.file_url is None:
            abort(404)
        record_change(db.session(), "download", ExportJob, job.id, row=job)
        db.session.commit()
        return send_attachment(job)
