"""The member's own background jobs: progress, result, cancellation and exported file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import abort, make_response, redirect
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import permitted, row_key, wants_fragment
from app.panel.actor import member_id
from app.panel.bulk.progress import JobPage, export_page, job_page
from app.panel.impersonation import section_of
from app.panel.login_session import for_members
from app.panel.page import Page, PageAudience
from app.panel.responses import send_attachment
from models.audit.recorder import record_change
from models.job import BulkJob, ExportJob

MOST_SHOWN = 50


def _mine(model: Any) -> Sequence[Any]:
    statement = select(model).where(model.created_by_id == member_id()).order_by(model.id.desc())
    return db.session.scalars(statement.limit(MOST_SHOWN)).all()


class JobPages(Page):
    """The pages of one kind of job; only the author of a job can open it."""

    model: ClassVar[Any]
    kinds: ClassVar[Sequence[Any]]  # what the list shows
    audience = PageAudience.MEMBERS
    needs_organization = True

    @expose("/")
    @for_members
    def index(self) -> str:
        """The member's own jobs, newest first."""
        pages = [self._page(job) for model in self.kinds for job in _mine(model)]
        pages.sort(key=lambda page: page.job.created_at, reverse=True)
        return self.render_template("panel/bulk/list.html", jobs=pages[:MOST_SHOWN], title=self.title)

    @expose("/<pk>")
    @for_members
    def show(self, pk: str) -> str:
        template = "panel/bulk/dialog.html" if wants_fragment() else "panel/bulk/page.html"
        return self.render_template(template, page=self._page(self.job(pk)))

    @expose("/<pk>/progress")
    @for_members
    def progress(self, pk: str) -> Response:
        """The progress fragment, which polls itself; at the end it makes the list behind it reload."""
        page = self._page(self.job(pk))
        response = make_response(self.render_template("panel/bulk/_job.html", page=page))
        if not page.is_under_way:
            response.headers["HX-Trigger"] = "list:reload"
        return response

    @expose("/<pk>/cancel", methods=["POST"])
    @for_members
    def cancel(self, pk: str) -> Response | str:
        job = self.job(pk)
        if job.is_under_way:
            job.cancel_asked = True
            db.session.commit()
        if wants_fragment():
            return self.render_template("panel/bulk/_job.html", page=self._page(job))
        return redirect(f"{self.base_url}{job.id}")

    def job(self, pk: str) -> Any:
        statement = select(self.model).where(
            self.model.id == row_key(pk), self.model.created_by_id == member_id()
        )
        return db.session.scalar(statement) or abort(404)

    def _page(self, job: Any) -> JobPage:
        return job_page(job) if isinstance(job, BulkJob) else export_page(job)


class Jobs(JobPages):
    model = BulkJob
    slug = "jobs"
    title = _l("My background work")

    kinds = (BulkJob, ExportJob)


class Exports(JobPages):
    model = ExportJob
    kinds = (ExportJob,)
    slug = "exports"
    title = _l("Export")

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
