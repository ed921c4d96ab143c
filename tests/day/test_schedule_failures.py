"""A task whose repetition or reminder fails leaves those of the others, and has its turn again."""

from datetime import time

import pytest

from app.lib.jalali import today
from app.tasks import schedule
from models.schedule.task_schedule import Reminder, Repeat
from tests.day.task_steps import Schedule, add_task, days_of, set_clock, task_of


@pytest.fixture
def run(session, organization, manager):
    return Schedule(session, organization, manager)


def failing_for(act, key):
    def act_or_fail(row, *rest):
        if row == key:
            raise RuntimeError("broken")
        return act(row, *rest)

    return act_or_fail


def test_a_repetition_that_fails_leaves_the_next(session, manager, run, monkeypatch, caplog):
    set_clock(1405, 9, 8)
    first, _second = (
        add_task(session, manager, title=title, due_on=today(), repeats=Repeat.DAILY) for title in "ab"
    )
    set_clock(1405, 9, 9)
    with monkeypatch.context() as broken:
        broken.setattr(schedule, "repeat", failing_for(schedule.repeat, first))
        assert run() == (1, 0)
    assert (days_of(session, "a"), days_of(session, "b")) == ([(9, 8)], [(9, 8), (9, 9)])
    assert f"task.repeat-{first} failed" in caplog.text

    assert run() == (1, 0)
    assert days_of(session, "a") == [(9, 8), (9, 9)]


def test_a_reminder_that_fails_leaves_the_next(session, manager, run, monkeypatch, caplog):
    set_clock(1405, 9, 8)
    first, second = (
        add_task(session, manager, title=title, due_on=today(), due_time=time(15), remind=Reminder.HOUR)
        for title in "ab"
    )
    set_clock(1405, 9, 8, hour=14, minute=30)
    with monkeypatch.context() as broken:
        broken.setattr(schedule, "remind", failing_for(schedule.remind, first))
        assert run() == (0, 1)
    assert [task_of(session, key).remind_at is None for key in (first, second)] == [False, True]
    assert f"task.remind-{first}" in caplog.text

    assert run() == (0, 1)
