"""The undo of acts on tasks."""

from __future__ import annotations

from datetime import datetime

from flask_appbuilder import expose
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import permitted, requires
from app.services.act import Undone
from app.services.task.undo import DAY, OWNER, undo_act
from models.audit.recorder import name_event
from models.task import Task
from views.undone_acts import Outcome, UndoneActs, stayed


class UndoneTasks(UndoneActs):
    """POST of /hand-back/<moment> and /bring-back/<moment>; the moment of an act identifies its tasks."""

    def hand_back_url(self, at: datetime) -> str | None:
        """The address that undoes the assignment of the moment *at*; None where the member may not use it."""
        return self.undo_address("hand-back", at) if permitted(self, "can_assign") else None

    def bring_back_url(self, at: datetime) -> str:
        """The address that gives the tasks of the act of *at* their former dates."""
        return self.undo_address("bring-back", at)

    @expose("/hand-back/<moment>", methods=["POST"])
    @requires("assign")
    def hand_back(self, moment: str) -> Response:
        return self._undo(OWNER, moment, "undo assignment")

    @expose("/bring-back/<moment>", methods=["POST"])
    @requires("edit")
    def bring_back(self, moment: str) -> Response:
        return self._undo(DAY, moment, "edit")

    def _undo(self, column: str, moment: str, event: str) -> Response:
        return self.undo_act_at(moment, lambda at: _outcome(undo_act(self.statement(), column, at), event))


def _outcome(undone: Undone, event: str) -> Outcome:
    number = len(undone.keys)
    if undone.keys:
        name_event(db.session(), event, Task, undone.keys)
    words = ngettext("%(num)s task is as it was.", "%(num)s tasks are as they were.", number)
    return Outcome(words if number else "", stayed(len(undone.reasons), undone.first_reason))
