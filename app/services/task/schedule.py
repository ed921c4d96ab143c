"""The rules of a task's recurrence and reminder across its fields."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.errors import DomainError, Refusals
from app.lib.clock import now
from models.schedule.task_schedule import REMINDER_PARTS, Reminder, Repeat, has_changed, reminder_of
from models.task import Task


def check_schedule(task: Task) -> None:
    """Refuse a recurrence or a reminder without a date, and a reminder whose moment is over."""
    refused = []
    if task.due_on is None:
        needs = _("Please write the date first.")
        if task.repeats not in {None, Repeat.NEVER}:
            refused.append(DomainError(needs, field="repeats"))
        if task.remind not in {None, Reminder.NONE}:
            refused.append(DomainError(needs, field="remind"))
    elif has_changed(task, REMINDER_PARTS) and _is_over(task):
        refused.append(DomainError(_("The moment of this reminder is over."), field="remind"))
    if refused:
        raise Refusals(*refused)


def _is_over(task: Task) -> bool:
    moment = reminder_of(task.due_on, task.due_time, task.remind)
    return moment is not None and moment <= now()
