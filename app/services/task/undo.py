"""Acts on tasks that can be undone: another owner, another day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select

from app.extensions import db
from app.services.act import (
    Undone,
    active_members,
    before,
    concerns,
    forget_act,
    is_of_act,
    note_act,
    was_changed_since,
)
from app.services.notification import name_act, unreported, withdraw
from models.member import Member
from models.schedule.task_schedule import put_off
from models.task import Task

OWNER, DAY = "owner_id", "due_on"


def assign_tasks(tasks: Sequence[Task], member: Member, *, at: datetime) -> int:
    """Give *tasks* to *member* in the act of the moment *at*; returns how many had another owner. Flushes."""
    moved = [task for task in tasks if task.owner_id != member.id]
    name_act(at)
    for task in moved:
        note_act(task, at, OWNER, task.owner_id, member.id)
        task.owner = member
    db.session.flush()
    return len(moved)


def move_tasks(tasks: Sequence[Task], day: date, *, at: datetime) -> None:
    """Move *tasks* to *day* in the act of the moment *at*, without a change of their recurrence. Flushes."""
    for task in tasks:
        note_act(task, at, DAY, task.due_on, day)
        put_off(task, day)
    db.session.flush()


def undo_act(rows: Select[Any], column: str, at: datetime) -> Undone:
    """Undo what the acting member did at *at* to *column* of tasks in *rows*, except what was changed since. Flushes."""
    tasks = _locked(rows, column, at)
    active = active_members(before(task, OWNER) for task in tasks) if column == OWNER else ()
    reasons = [_reason(task, column, active) for task in tasks]
    undone = [task for task, reason in zip(tasks, reasons, strict=True) if reason is None]
    given: dict[int, int] = {}
    with unreported():
        for task in undone:
            former = before(task, column)
            if column == OWNER:
                given[task.owner_id] = given.get(task.owner_id, 0) + 1
                task.owner_id = former
            else:
                put_off(task, former and date.fromisoformat(former))
            forget_act(task)
    withdraw(Task, OWNER, at, given)
    return Undone([task.id for task in undone], [reason for reason in reasons if reason is not None])


def _locked(rows: Select[Any], column: str, at: datetime) -> list[Task]:
    statement = rows.where(is_of_act(Task, at)).order_by(Task.id).with_for_update(of=Task)
    found = db.session.scalars(statement, execution_options={"populate_existing": True, "with_deleted": True})
    return [task for task in found if concerns(task, column)]


def _reason(task: Task, column: str, active: Collection[int]) -> str | None:
    """Why the task stays as it is; None where the act on it can be undone."""
    if task.deleted_at is not None:
        return _("it was deleted since")
    if was_changed_since(task, column):
        return _("it was changed since")
    if column == OWNER and before(task, column) not in active:
        return _("its former owner is not active")
    return None
