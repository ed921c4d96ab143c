"""What the tests of tasks share."""

import json
from datetime import datetime, time

import jdatetime
from sqlalchemy import select

from app.lib import clock
from app.lib.jalali import TEHRAN, to_jalali
from app.tasks.schedule import run_schedule
from models.task import Task
from models.tenancy.scope import Actor, bind
from tests.notifications.steps import HTMX

ALL = {"unscoped": True, "populate_existing": True, "with_deleted": True}


def jalali(year, month, day):
    return jdatetime.date(year, month, day).togregorian()


def set_clock(year, month, day, hour=12, minute=0):
    """Set the app's clock to a moment in Tehran."""
    clock.start_at(datetime.combine(jalali(year, month, day), time(hour, minute), TEHRAN))


def add_task(session, owner, **values):
    """The key of a new task of *owner*, flushed as a form does it."""
    row = Task(**{"title": "تماس با مشتری", "owner_id": owner.id, **values})
    session.add(row)
    session.commit()
    return row.id


def days_of(session, title="تماس با مشتری"):
    """The days of the tasks of this title, as (month, day), oldest first."""
    rows = session.scalars(select(Task).where(Task.title == title).order_by(Task.id), execution_options=ALL)
    return [(each.month, each.day) for each in (to_jalali(row.due_on) for row in rows)]


def task_of(session, key):
    return session.scalars(select(Task).where(Task.id == key), execution_options=ALL).one()


class Schedule:
    """Runs the schedule as the worker does, which detaches all rows, and comes back to the actor of the test."""

    def __init__(self, session, organization, member):
        self.session, self.here, self.member = session, Actor(organization.id, member.id), member

    def __call__(self):
        done = run_schedule.run()
        bind(self.session, self.here)
        self.session.add(self.member)
        return done


def post(client, address, **sent):
    return client.post(address, data=sent, headers=HTMX)


def bulk(client, action, keys, **sent):
    return post(client, "/tasks/action_post", **({"action": action, "_step": "run", "rowid": keys} | sent))


def toast(answer):
    return json.loads(answer.headers["HX-Trigger"])["toast"]


def undo(client, answer):
    return post(client, toast(answer)["undo_url"])
