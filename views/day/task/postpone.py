"""The action that moves tasks to tomorrow: in the ⋮ menu, in the bulk bar, and in the popover of today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import make_response
from flask_appbuilder import expose
from flask_babel import LazyString, ngettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.extensions import db
from app.lib.jalali import today
from app.panel.access import lock_membership, requires, row_key
from app.panel.action import Done, action, counted
from app.panel.bulk.conditions import ConditionRefused, run_locked
from app.panel.records.undo import current_undo_batch
from app.panel.responses import toast
from app.services.task.undo import move_tasks
from models.task import Task
from views.day.task.today import TodaysTasks, progress
from views.day.task.undo import UndoneTasks


def tomorrow() -> date:
    return today() + timedelta(days=1)


def _why_not(task: Task) -> LazyString | None:
    if task.status.is_closed:
        return _l("This task is closed already.")
    if task.due_on is not None and task.due_on >= tomorrow():
        return _l("This task is for tomorrow or later already.")
    return None


class Postponement(UndoneTasks, TodaysTasks):
    """«Put off until tomorrow» on one task and on many."""

    @action(
        _l("Put off until tomorrow"),
        icon="calendar-share",
        confirm=counted("%(num)s %(what)s moves to tomorrow.", "%(num)s %(what)s move to tomorrow."),
        submit=counted("Put %(num)s %(what)s off", "Put %(num)s %(what)s off"),
        when=_why_not,
        right="edit",
        asks=False,
    )
    def postpone(self, rows: Sequence[Task], form: Any) -> Done:
        at = current_undo_batch().at
        move_tasks(rows, tomorrow(), at=at)
        words = ngettext(
            "%(num)s task is for tomorrow now.", "%(num)s tasks are for tomorrow now.", len(rows)
        )
        return Done(words, self.bring_back_url(at))

    @expose("/today/<pk>/tomorrow", methods=["POST"])
    @requires("edit")
    def put_off_today(self, pk: str) -> Response:
        """Move a task of the popover to tomorrow; what the popover shows in its place is nothing."""
        lock_membership()
        row = self.get_row(row_key(pk))
        try:
            done = run_locked(self, self.declared_actions["postpone"], [row], None)
            db.session.commit()
        except ConditionRefused as error:
            db.session.rollback()
            response = make_response("", 204)
            response.headers.update(toast(Done(str(error)), level="warning"))
            return response
        response = make_response(self.render_template("day/task/_put_off.html", **progress()))
        response.headers.update(toast(done, list_reload=True))
        return response
