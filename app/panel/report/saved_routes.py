"""Routes of saved reports: saving, opening, renaming, sharing, deleting, and the schedule of mails."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import Select, select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import permitted, requires, wants_fragment
from app.panel.action import Done
from app.panel.actor import is_member, member_id
from app.panel.lists.preferences import query_string
from app.panel.lists.saved_views import may_share
from app.panel.page import Page
from app.panel.queries.arguments import read_query
from app.panel.report.page import address
from app.panel.report.saved import SavedReports
from app.panel.report.schedule_form import ScheduleForm, form_of_schedule, set_schedule
from app.panel.responses import failure, leave_toast, success, success_at, toast
from models.schedule.saved_report import SavedReport, Sending


class SavedReportRoutes(Page):
    """GET and POST of /saved, and under /saved/<pk>: /open, /rename, /share, /delete, /restore and /schedule."""

    def rows_to_open(self, model: Any) -> Select[Any] | None:
        """The saved reports that a notification may name."""
        if model is SavedReport and permitted(self, "can_list"):
            return select(SavedReport)
        return super().rows_to_open(model)

    @expose("/saved", methods=["GET"])
    @requires("list")
    def saved(self) -> str:
        return self._saved_page(query_string(request.args))

    @expose("/saved", methods=["POST"])
    @requires("list")
    def save(self) -> Any:
        text, name = request.form.get("_query", ""), request.form.get("name", "")
        moves, is_shared = bool(request.form.get("moves")), bool(request.form.get("is_shared"))
        found, problem = SavedReports(self).save(name, text, moves=moves, is_shared=is_shared)
        if found is None:
            return self._saved_page(text, name=name, error=problem), 422
        return success_at(Done(_("The report «%(name)s» is saved.", name=found.name)), self._url_of(found))

    @expose("/saved/<pk>/open")
    @requires("list")
    def open_saved(self, pk: str) -> Response:
        return redirect(self._url_of(SavedReports(self).find(pk)))

    @expose("/saved/<pk>/rename", methods=["GET", "POST"])
    @requires("list")
    def rename_saved(self, pk: str) -> Any:
        reports = SavedReports(self)
        found = reports.changeable(pk)
        if request.method == "GET":
            return self._rename_page(found, found.name)
        name = request.form.get("name", "")
        problem = reports.rename(found, name)
        if problem:
            return self._rename_page(reports.changeable(pk), name, problem), 422
        return self._changed(_("The report is called «%(name)s» now.", name=found.name))

    @expose("/saved/<pk>/share", methods=["POST"])
    @requires("list")
    def share_saved(self, pk: str) -> Any:
        found = SavedReports(self).changeable(pk)
        if not may_share():
            abort(403)
        found.is_shared = not found.is_shared
        db.session.commit()
        if found.is_shared:
            return self._changed(_("The report «%(name)s» is shared.", name=found.name))
        return self._changed(_("The report «%(name)s» is no longer shared.", name=found.name))

    @expose("/saved/<pk>/delete", methods=["POST"])
    @requires("list")
    def delete_saved(self, pk: str) -> Any:
        reports = SavedReports(self)
        found = reports.changeable(pk)
        words = _("The report «%(name)s» is deleted.", name=found.name)
        reports.delete(found)
        return self._changed(words, undo_url=f"{self.base_url}saved/{found.id}/restore")

    @expose("/saved/<pk>/restore", methods=["POST"])
    @requires("list")
    def restore_saved(self, pk: str) -> Response:
        found, problem = SavedReports(self).restore(pk)
        if problem:
            return failure(problem, self.base_url)
        return success(Done(_("The report «%(name)s» is back.", name=found.name)), self.base_url)

    @expose("/saved/<pk>/schedule", methods=["GET", "POST"])
    @requires("list")
    def schedule_saved(self, pk: str) -> Any:
        # People of the platform belong to no organisation, so that they receive nothing of it.
        if not is_member():
            abort(403)
        found = SavedReports(self).own(pk)
        if request.method == "GET":
            return self._schedule_page(found, form_of_schedule(found, self))
        form = ScheduleForm(self)
        if not form.validate():
            return self._schedule_page(found, form), 422
        set_schedule(found, form)
        db.session.commit()
        if found.sending is Sending.NEVER:
            return self._changed(_("The report «%(name)s» is not sent.", name=found.name))
        words = _("The report «%(name)s» is sent: %(when)s.", name=found.name, when=found.schedule)
        return self._changed(words)

    def _url_of(self, saved: SavedReport) -> str:
        return address(self.base_url, read_query(saved.query).to_dict())

    def _changed(self, words: str, *, undo_url: str | None = None) -> Any:
        done = Done(words, undo_url)
        if wants_fragment():
            return self._saved_page(request.form.get("_query", "")), toast(done)
        leave_toast(done)
        return redirect(self.base_url)

    def _saved_page(self, text: str, *, name: str = "", error: str = "") -> str:
        reports = SavedReports(self)
        found = reports.all()
        _arguments, reading = reports.arguments_to_save(text, moves=True)
        mine = [each for each in found if each.member_id == member_id()]
        return self._dialog(
            "saved",
            query=text,
            mine=mine,
            shared=[each for each in found if each not in mine],
            may_share=may_share(),
            may_schedule=is_member(),
            is_readable=reading.asked is not None,
            preset=str(reading.preset.label) if reading.preset else "",
            name=name,
            error=error,
            form=request.form if error else MultiDict({"moves": "1"}),
        )

    def _rename_page(self, saved: SavedReport, name: str, error: str = "") -> str:
        query = request.values.get("_query", "")
        return self._dialog("rename", saved=saved, name=name, error=error, query=query)

    def _schedule_page(self, saved: SavedReport, form: ScheduleForm) -> str:
        query = request.values.get("_query", "")
        return self._dialog("schedule", saved=saved, form=form, query=query)

    def _dialog(self, template: str, **context: Any) -> str:
        layout = "panel/layout/dialog.html" if wants_fragment() else "panel/layout/dialog_page.html"
        path = f"panel/report/{template}.html"
        html: str = self.render_template(path, layout=layout, section=self, **context)
        return html
