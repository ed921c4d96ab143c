"""The owner of a task is reminded once, at the chosen moment; a snooze moves the next one."""

from datetime import time, timedelta

import pytest

from app.errors import DomainError, Refusals
from app.lib import clock
from app.lib.jalali import instant, today
from app.services.task.remind import Snooze, snooze
from app.services.task.schedule import check_schedule
from models.schedule.task_schedule import Reminder, Repeat
from models.task import Task, TaskStatus
from tests.day.task_steps import Schedule, add_task, jalali, set_clock, task_of
from tests.factories import member


@pytest.fixture
def run(session, organization, manager):
    set_clock(1405, 9, 8, 8)
    return Schedule(session, organization, manager)


@pytest.mark.parametrize(
    ("remind", "clock_of_day", "hour", "minute", "day"),
    [
        (Reminder.AT_TIME, time(14, 30), 14, 30, 10),
        (Reminder.QUARTER, time(14, 30), 14, 15, 10),
        (Reminder.HOUR, time(0, 30), 23, 30, 9),
        (Reminder.DAY, time(14, 30), 14, 30, 9),
        (Reminder.AT_TIME, None, 9, 0, 10),
        (Reminder.DAY, None, 9, 0, 9),
    ],
)
def test_the_moment_of_a_reminder(session, manager, run, remind, clock_of_day, hour, minute, day):
    key = add_task(session, manager, due_on=jalali(1405, 9, 10), due_time=clock_of_day, remind=remind)

    assert task_of(session, key).remind_at == instant(jalali(1405, 9, day), time(hour, minute))


def test_a_reminder_is_sent_once_and_not_before_its_moment(session, manager, run):
    key = add_task(session, manager, due_on=today(), due_time=time(10), remind=Reminder.AT_TIME)
    add_task(session, manager, due_on=today(), due_time=time(10))
    version = task_of(session, key).row_version

    set_clock(1405, 9, 8, 9, 59)
    assert run() == (0, 0)
    set_clock(1405, 9, 8, 10)
    assert (run(), run()) == ((0, 1), (0, 0))
    task = task_of(session, key)
    assert (task.remind_at, task.row_version) == (None, version)
    assert task.reminded_at == pytest.approx(clock.now(), abs=timedelta(minutes=1))


def test_a_moved_task_is_reminded_of_anew(session, manager, run):
    key = add_task(session, manager, due_on=today(), due_time=time(9), remind=Reminder.AT_TIME)
    set_clock(1405, 9, 8, 9)
    run()
    task_of(session, key).due_time = time(11)
    session.commit()
    assert run() == (0, 0)
    set_clock(1405, 9, 8, 11)

    assert run() == (0, 1)


@pytest.mark.parametrize("why", ["done", "deleted", "switched off", "old"])
def test_what_no_longer_matters_is_not_sent(session, organization, manager, run, why):
    owner = member("Consultant", organization, "leaver")
    key = add_task(session, owner, due_on=today(), due_time=time(10), remind=Reminder.AT_TIME)
    row = task_of(session, key)
    if why == "done":
        row.status = TaskStatus.DONE
    elif why == "deleted":
        row.deleted_at = clock.now()
    elif why == "switched off":
        owner.active = False
    session.commit()
    set_clock(1405, 9, 9 if why == "old" else 8, 10, 30)
    add_task(session, manager, due_on=today(), due_time=time(11), remind=Reminder.QUARTER)
    set_clock(1405, 9, 9 if why == "old" else 8, 10, 45)

    assert run() == (0, 1)
    assert task_of(session, key).reminded_at is None


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Snooze.QUARTER, (8, 8, 15)),
        (Snooze.HOUR, (8, 9, 0)),
        (Snooze.TOMORROW, (9, 9, 0)),
    ],
)
def test_a_snooze_reminds_again(session, manager, run, choice, expected):
    key = add_task(session, manager, due_on=today())
    day, hour, minute = expected
    until = snooze(task_of(session, key), choice)
    session.commit()
    assert until == pytest.approx(instant(jalali(1405, 9, day), time(hour, minute)), abs=timedelta(minutes=1))
    assert run() == (0, 0)
    clock.start_at(until)

    assert (run(), run()) == ((0, 1), (0, 0))


def test_a_closed_task_has_no_snooze(session, manager, run):
    key = add_task(session, manager, due_on=today(), status=TaskStatus.DONE)
    with pytest.raises(DomainError):
        snooze(task_of(session, key), Snooze.HOUR)


def test_a_schedule_needs_a_date_and_a_moment_that_is_not_over(session, manager, run):
    undated = Task(title="الف", owner_id=manager.id, repeats=Repeat.DAILY, remind=Reminder.HOUR)
    with pytest.raises(Refusals) as refused:
        check_schedule(undated)
    assert [each.field for each in refused.value.parts] == ["repeats", "remind"]

    late = Task(title="ب", owner_id=manager.id, due_on=today(), due_time=time(8), remind=Reminder.HOUR)
    with pytest.raises(Refusals) as refused:
        check_schedule(late)
    assert [each.field for each in refused.value.parts] == ["remind"]

    late.due_time = time(10)
    check_schedule(late)
    session.expunge_all()


def test_a_past_reminder_does_not_hinder_other_changes(session, manager, run):
    key = add_task(session, manager, due_on=today(), due_time=time(9), remind=Reminder.AT_TIME)
    set_clock(1405, 9, 8, 12)
    task = task_of(session, key)
    task.title = "عنوان تازه"
    check_schedule(task)
