"""Two members move cards at the same moment (R-07, R-08): one state, places of their own, and the second is refused.

A recurring task that is done by two, or while the schedule runs, is followed once.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from app.lib.jalali import today
from app.lib.position import first_keys
from app.tasks.schedule import run_schedule
from models.audit.event import AuditEvent
from models.schedule.task_schedule import Repeat
from models.task import Task, TaskStatus
from tests.factories import TaskFactory
from tests.support.racing import at_once

pytestmark = pytest.mark.postgresql

ROUNDS = 20
HTMX = {"HX-Request": "true"}


@pytest.fixture
def people(arena):
    """A manager and the consultant whose tasks they are."""
    manager, consultant = arena.member("Manager", "nasrin"), arena.member("Consultant", "sara")
    return consultant, arena.browser("nasrin"), arena.browser("sara"), manager


@pytest.fixture
def cards(arena, people):
    """A function that adds tasks of the consultant and returns their keys."""

    def add(count):
        with arena.actor(people[0]):
            keys = first_keys(count)
            return [TaskFactory(owner_id=people[0], position=key).id for key in keys]

    return add


def move(browser, key, **sent):
    return browser.post(f"/tasks/{key}/move", data=sent, headers=HTMX).status_code


def test_r07_one_card_to_two_columns_ends_in_one_and_the_second_is_refused(arena, people, cards):
    _consultant, manager, consultant, _id = people
    for _ in range(ROUNDS):
        [key] = cards(1)
        sent = {"row_version": "1"}

        answers = at_once(
            partial(move, manager, key, to="cancelled", **sent),
            partial(move, consultant, key, to="doing", **sent),
        )

        assert sorted(answers) == [204, 409]
        [(status,)] = arena.all(select(Task.status).where(Task.id == key))
        assert status is (TaskStatus.CANCELLED if answers[0] == 204 else TaskStatus.DOING)


def test_r07_two_cards_to_one_place_have_places_of_their_own(arena, people, cards):
    _consultant, manager, consultant, _id = people
    for _ in range(ROUNDS):
        above, below, first, second = cards(4)
        place = {"to": "todo", "above": above, "below": below}

        answers = at_once(partial(move, manager, first, **place), partial(move, consultant, second, **place))

        assert answers == [204, 204]
        keys = [above, below, first, second]
        rows = arena.all(select(Task.id, Task.position).where(Task.id.in_(keys)).order_by(Task.position))
        assert len({place for _key, place in rows}) == 4
        assert [rows[0][0], rows[-1][0]] == [above, below]


def test_r08_a_task_that_two_tick_is_done_once(arena, people, cards):
    _consultant, manager, consultant, _id = people
    for _ in range(ROUNDS):
        [key] = cards(1)

        answers = at_once(
            *(partial(move, browser, key, to="done", row_version="1") for browser in (manager, consultant))
        )

        assert sorted(answers) == [204, 409]
        events = select(AuditEvent.id).where(
            AuditEvent.object_type == "Task", AuditEvent.object_id == key, AuditEvent.action == "edit"
        )
        assert len(arena.all(events)) == 1


@pytest.fixture
def daily(arena, people):
    """A function that adds a task that recurs every day, whose day has come."""

    def add():
        with arena.actor(people[0]):
            due = today() - timedelta(days=1)
            return TaskFactory(owner_id=people[0], due_on=due, repeats=Repeat.DAILY).id

    return add


def successors(arena, key):
    return arena.all(select(Task.id).where(Task.previous_id == key))


def test_a_recurring_task_that_two_tick_is_followed_once(arena, people, daily):
    _consultant, manager, consultant, _id = people
    for _ in range(ROUNDS):
        key = daily()

        answers = at_once(*(partial(move, browser, key, to="done") for browser in (manager, consultant)))

        assert 204 in answers
        assert len(successors(arena, key)) == 1


def test_a_tick_and_the_schedule_at_once_make_one(app, arena, people, daily):
    _consultant, _manager, consultant, _id = people

    def run():
        with app.app_context():
            return run_schedule.run()

    for _ in range(ROUNDS):
        key = daily()

        answer, _made = at_once(partial(move, consultant, key, to="done"), run)

        assert answer in {204, 409}
        assert len(successors(arena, key)) == 1
        assert run() == (0, 0)
