"""The schedule of tasks: the next ones of recurring tasks, and reminders."""

from __future__ import annotations

from app.extensions import db
from app.services.task.remind import due_reminders, remind
from app.services.task.repeat import due_to_repeat, repeat
from app.tasks.base import apart, periodic
from models.tenancy.scope import Actor, acting_as

EVERY = 15.0


@periodic("task.schedule", EVERY, expires=EVERY, soft_time_limit=240, time_limit=300, ignore_result=True)
def run_schedule() -> tuple[int, int]:
    """Make the tasks and send the reminders that are due, one transaction for each; returns how many of both.

    The rows say what is due, so the task can run at any moment, more than once at a time, and after any pause.
    """
    return _repeat_all(), _remind_all()


def _repeat_all() -> int:
    made, due = 0, due_to_repeat()
    # Ends the reading transaction, which SQLite could not turn into a writing one.
    db.session.commit()
    for key, organization_id in due:
        act = f"task.repeat-{key}"
        with acting_as(db.session(), Actor(organization_id, request_id=act)) as session, apart(act):
            made += repeat(key) is not None
            session.commit()
    return made


def _remind_all() -> int:
    sent, due = 0, due_reminders()
    db.session.commit()
    for key, organization_id, at in due:
        act = f"task.remind-{key}-{at.timestamp():.0f}"
        with acting_as(db.session(), Actor(organization_id, request_id=act)) as session, apart(act):
            sent += remind(key, at)
            session.commit()
    return sent
