"""The pages of background jobs: the list of the member's own, their progress and their end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from flask import abort, make_response, redirect
from flask_appbuilder import expose
from flask_babel import LazyString
from flask_babel import gettext as _
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import row_key, wants_fragment
from app.panel.action import Done
from app.panel.actor import member_id
from app.panel.bulk.progress import JobPage, export_page, job_page
from app.panel.login_session import for_members
from app.panel.notifications import Notify
from app.panel.page import Page, PageAudience
from app.panel.rates.groups import Group, limited
from app.panel.responses import leave_toast, toast
from app.panel.view_models import Empty
from app.services.job.lease import status_of
from models.job import BulkJob

MOST_SHOWN = 50


def _mine(model: Any) -> Sequence[Any]:
    statement = select(model).where(model.created_by_id == member_id()).order_by(model.id.desc())
    return db.session.scalars(statement.limit(MOST_SHOWN)).all()


def ended(
    model: Any,
    *,
    done: tuple[LazyString, LazyString],
    failed: tuple[LazyString, LazyString],
    opens: str | Callable[[Any], str] = "{id}",
    **more: Any,
) -> tuple[Notify, ...]:
    """The notification of the author of a job that ended; *done* and *failed* are the words for one job and for several."""
    words = {status_of(model, "DONE"): done, status_of(model, "FAILED"): failed}
    return tuple(
        Notify(
            on="status",
            to="created_by_id",
            values=(status,),
            text=one,
            many=many,
            model=model,
            opens=opens,
            is_problem=status is status_of(model, "FAILED"),
            **more,
        )
        for status, (one, many) in words.items()
    )


class JobPages(Page):
    """The pages of one kind of job; only the author of a job can open it."""

    model: ClassVar[Any]
    kinds: ClassVar[Sequence[Any]]  # what the list shows
    empty: ClassVar[LazyString]
    empty_hint: ClassVar[LazyString]
    audience = PageAudience.MEMBERS
    needs_organization = True

    @expose("/")
    @for_members
    def index(self) -> str:
        """The member's own jobs, newest first."""
        pages = [self._page(job) for model in self.kinds for job in _mine(model)]
        pages.sort(key=lambda page: page.job.created_at, reverse=True)
        return self.render_template(
            "panel/bulk/list.html",
            jobs=pages[:MOST_SHOWN],
            title=self.title,
            empty=Empty(str(self.empty), str(self.empty_hint)),
            icon_name=self.icon,
        )

    @expose("/<pk>")
    @for_members
    def show(self, pk: str) -> str:
        template = "panel/bulk/dialog.html" if wants_fragment() else "panel/bulk/page.html"
        return self.render_template(template, page=self._page(self.job(pk)))

    @expose("/<pk>/progress")
    @for_members
    @limited(read=Group.NEWS)
    def progress(self, pk: str) -> Response:
        """The progress fragment, which polls itself; at the end it makes the list behind it reload."""
        page = self._page(self.job(pk))
        response = make_response(self.render_template("panel/bulk/_job.html", page=page))
        if not page.is_under_way:
            response.headers["HX-Trigger"] = "list:reload"
        return response

    @expose("/<pk>/cancel", methods=["POST"])
    @for_members
    def cancel(self, pk: str) -> Response:
        job = self.job(pk)
        done = Done(_("The work stops after the rows that it is at."))
        if not job.is_under_way:
            done = Done(_("The work has ended already."))
        else:
            job.cancel_asked = True
            db.session.commit()
        if wants_fragment():
            response = make_response(self.render_template("panel/bulk/_job.html", page=self._page(job)))
            response.headers.update(toast(done))
            return response
        leave_toast(done)
        return redirect(f"{self.base_url}{job.id}")

    def rows_to_open(self, model: Any) -> Select[Any]:
        found: Select[Any] = select(model).where(model.created_by_id == member_id())
        return found

    def job(self, pk: str) -> Any:
        statement = select(self.model).where(
            self.model.id == row_key(pk), self.model.created_by_id == member_id()
        )
        return db.session.scalar(statement) or abort(404)

    def _page(self, job: Any) -> JobPage:
        return job_page(job) if isinstance(job, BulkJob) else export_page(job)
