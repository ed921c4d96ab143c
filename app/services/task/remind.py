"""Reminders of tasks: which are due, how one is sent once, and how a member puts it off."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import CursorResult, select, update

from app.errors import Conflict
from app.extensions import db
from app.lib.clock import now
from app.lib.jalali import instant, today
from app.services.audit.record import note
from app.services.notification import report
from app.services.sms.crash_points import crash_point
from app.services.task.repeat import of_active_owner
from models.member import Member
from models.schedule.task_schedule import MORNING
from models.task import Task

# A row of (key of the task, key of its organisation, moment of the reminder).
Due = tuple[int, int, datetime]
_MOST = 1_000
# A reminder that is older is not sent any more: its task stands among the late ones.
_LATEST = timedelta(days=1)
_QUIETLY = {"keeps_version": True, "synchronize_session": False}


class Snooze(enum.Enum):
    """How long a reminder is put off."""

    QUARTER = "15m"
    HOUR = "1h"
    TOMORROW = "tomorrow"

    @property
    def label(self) -> LazyString:
        return _LABELS[self]

    def until(self) -> datetime:
        if self is Snooze.TOMORROW:
            return instant(today() + timedelta(days=1), MORNING)
        return now() + timedelta(minutes=15 if self is Snooze.QUARTER else 60)


_LABELS = {
    Snooze.QUARTER: _("15 minutes"),
    Snooze.HOUR: _("One hour"),
    Snooze.TOMORROW: _("Tomorrow morning"),
}


def due_reminders() -> Sequence[Due]:
    """The reminders of all organisations whose moment has come, the oldest first."""
    moment = now()
    statement = (
        select(Task.id, Task.organization_id, Task.remind_at)
        .join(Member, of_active_owner())
        .where(Task.remind_at <= moment, Task.remind_at > moment - _LATEST)
        .where(Task.not_closed(), Task.deleted_at.is_(None))
        .order_by(Task.remind_at, Task.id)
        .limit(_MOST)
    )
    # Keys alone; each reminder is then sent within its organisation.
    found = db.session.execute(statement, execution_options={"unscoped": True})
    return [(key, organization_id, at) for key, organization_id, at in found]


def remind(key: int, at: datetime) -> bool:
    """Notify the owner of the task *key*, whose reminder is due since *at*; False where another worker did.

    The transaction is the lease: mark and notification are stored together, and a worker that is killed before its
    commit leaves the reminder to the next one.
    """
    statement = (
        update(Task)
        .where(Task.id == key, Task.remind_at == at, Task.not_closed(), Task.deleted_at.is_(None))
        # No form shows the mark.
        .values(remind_at=None, reminded_at=now(), updated_at=Task.updated_at)
    )
    taken: CursorResult[Any] = db.session.execute(statement, execution_options=_QUIETLY)
    if not taken.rowcount:
        return False
    crash_point("reminder_taken")
    report(Task, "reminded_at", [key])
    return True


def snooze(task: Task, choice: Snooze) -> datetime:
    """Put the reminder of *task* off; returns the moment of the next one."""
    until = choice.until()
    statement = (
        update(Task)
        .where(Task.id == task.id, Task.not_closed())
        .values(remind_at=until, updated_at=Task.updated_at)
    )
    moved: CursorResult[Any] = db.session.execute(statement, execution_options=_QUIETLY)
    if not moved.rowcount:
        raise Conflict(_("This task is closed already."))
    note("edit", Task, task.id, after={"remind_at": until}, row=task)
    return until
