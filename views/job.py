"""One's own bulk jobs: how far they are, what came of them, and how to stop them."""

from __future__ import annotations

from flask import abort, make_response, redirect
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.acting import member_id
from app.panel.bulk_page import job_page
from app.panel.guard import row_key, wants_fragment
from app.panel.page import Audience, Page
from app.panel.session import for_members
from models.job import BulkJob

MOST_SHOWN = 50


class Jobs(Page):
    slug = "jobs"
    title = _l("My bulk acts")
    audience = Audience.MEMBERS

    @expose("/")
    @for_members
    def index(self) -> str:
        statement = select(BulkJob).where(BulkJob.created_by_id == member_id()).order_by(BulkJob.id.desc())
        jobs = [job_page(job) for job in db.session.scalars(statement.limit(MOST_SHOWN))]
        return self.render_template("bulk/list.html", jobs=jobs, title=self.title)

    @expose("/<pk>")
    @for_members
    def show(self, pk: str) -> str:
        template = "bulk/dialog.html" if wants_fragment() else "bulk/page.html"
        return self.render_template(template, page=job_page(self._job(pk)))

    @expose("/<pk>/progress")
    @for_members
    def progress(self, pk: str) -> Response:
        """What asks for itself again; at the end the list behind it is told."""
        page = job_page(self._job(pk))
        response = make_response(self.render_template("bulk/_job.html", page=page))
        if not page.is_under_way:
            response.headers["HX-Trigger"] = "list:reload"
        return response

    @expose("/<pk>/cancel", methods=["POST"])
    @for_members
    def cancel(self, pk: str) -> Response | str:
        job = self._job(pk)
        if job.is_under_way:
            job.cancel_asked = True
            db.session.commit()
        if wants_fragment():
            return self.render_template("bulk/_job.html", page=job_page(job))
        return redirect(f"{self.base_url}{job.id}")

    def _job(self, pk: str) -> BulkJob:
        """A job is there for who asked for it, and for nobody else."""
        statement = select(BulkJob).where(BulkJob.id == row_key(pk), BulkJob.created_by_id == member_id())
        return db.session.scalar(statement) or abort(404)
