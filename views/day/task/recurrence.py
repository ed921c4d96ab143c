"""The recurrence and the reminder of tasks: fields, the notification, and the routes that put a reminder off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import abort
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.panel.access import requires, row_key
from app.panel.action import Done
from app.panel.formatting import spoken_time
from app.panel.notifications import Notify, NotifyAct
from app.panel.responses import failure, success
from app.panel.section import Section
from app.services.notification import mark_read_of
from app.services.task.remind import Snooze, snooze
from app.services.task.schedule import check_schedule

SCHEDULE = ("repeats", "repeat_weekdays", "remind")
_ABOUT = {
    Snooze.QUARTER: _l("Remind me again in 15 minutes"),
    Snooze.HOUR: _l("Remind me again in one hour"),
    Snooze.TOMORROW: _l("Remind me again tomorrow morning"),
}
REMINDER = Notify(
    on="reminded_at",
    to="owner",
    text=_l("Reminder: %(name)s"),
    many=_l("%(num)s reminders of tasks"),
    icon="alarm",
    acts=tuple(NotifyAct(each.label, f"{{id}}/snooze/{each.value}", _ABOUT[each]) for each in Snooze),
)


class ScheduledTasks(Section):
    """Tasks that recur and that their owner is reminded of."""

    def check(self, item: Any) -> None:
        super().check(item)
        check_schedule(item)

    @expose("/<pk>/snooze/<choice>", methods=["POST"])
    @requires("edit")
    def snooze(self, pk: str, choice: str) -> Response:
        chosen = next(iter(_choices(choice)), None) or abort(404)
        task = self.get_row(row_key(pk))
        try:
            at = snooze(task, chosen)
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self.base_url)
        mark_read_of(self.slug, task.id)
        db.session.commit()
        return success(Done(_("You will be reminded %(at)s.", at=spoken_time(at).words)), self.base_url)


def _choices(text: str) -> Iterator[Snooze]:
    return (each for each in Snooze if each.value == text)
