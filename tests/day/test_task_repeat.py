"""The next task of a recurring one is made when it is done or its day comes, once, for owners who are active."""

from datetime import time, timedelta

import pytest
from sqlalchemy import select, update

from app.lib import clock
from app.lib.jalali import today
from app.services.task.repeat import due_to_repeat, repeat
from models.audit.event import AuditEvent
from models.member import Member
from models.schedule.task_schedule import Reminder, Repeat
from models.task import Task, TaskStatus
from models.types import WeekdayList
from tests.day.task_steps import Schedule, add_task, days_of, jalali, set_clock, task_of
from tests.factories import member


@pytest.fixture
def run(session, organization, manager):
    return Schedule(session, organization, manager)


def finish(session, key, status=TaskStatus.DONE):
    task_of(session, key).status = status
    session.commit()


def test_a_done_task_is_followed_by_the_next_one_once(session, manager, run):
    set_clock(1405, 9, 8)
    key = add_task(
        session, manager, due_on=today(), due_time=time(10), repeats=Repeat.DAILY, remind=Reminder.HOUR
    )
    add_task(session, manager, title="بی‌تکرار", due_on=today())
    assert run() == (0, 0)

    finish(session, key)
    assert run() == (0, 0)

    following = session.scalars(select(Task).where(Task.previous_id == key)).one()
    assert following.due_on == today() + timedelta(days=1)
    assert (following.status, following.due_time, following.remind) == (
        TaskStatus.TODO,
        time(10),
        Reminder.HOUR,
    )
    assert following.remind_at == following.due_at - timedelta(hours=1)
    assert following.next_on == today() + timedelta(days=2)
    assert days_of(session, "بی‌تکرار") == [(9, 8)]


def test_done_undone_and_done_again_makes_one(session, manager, run):
    set_clock(1405, 9, 8)
    key = add_task(session, manager, due_on=today(), repeats=Repeat.DAILY)
    finish(session, key)
    finish(session, key, TaskStatus.DOING)
    finish(session, key)
    finish(session, key, TaskStatus.TODO)
    finish(session, key)

    assert run() == (0, 0)
    assert days_of(session) == [(9, 8), (9, 9)]


def test_the_day_of_the_next_task_makes_it_at_midnight_in_tehran(session, manager, run):
    set_clock(1405, 9, 8)
    add_task(session, manager, due_on=today(), repeats=Repeat.WEEKLY, repeat_weekdays=WeekdayList("sat,mon"))

    set_clock(1405, 9, 8, 23, 59)  # a Sunday
    assert run() == (0, 0)
    set_clock(1405, 9, 9, 0, 0)
    assert (run(), run()) == ((1, 0), (0, 0))
    assert days_of(session) == [(9, 8), (9, 9)]


@pytest.mark.parametrize(("year", "last"), [(1403, 30), (1405, 29), (1408, 30)])
def test_the_end_of_the_year(session, manager, run, year, last):
    set_clock(year, 12, last, 8)
    for title, repeats in (("روزانه", Repeat.DAILY), ("پایان ماه", Repeat.MONTH_END)):
        add_task(session, manager, title=title, due_on=today(), repeats=repeats)

    set_clock(year + 1, 1, 1, 0, 1)
    assert run() == (1, 0)
    set_clock(year + 1, 1, 31, 0, 1)
    run()

    assert days_of(session, "روزانه") == [(12, last), (1, 1), (1, 31)]
    assert days_of(session, "پایان ماه") == [(12, last), (1, 31)]


def test_a_day_of_the_month_keeps_its_number_over_shorter_months(session, manager, run):
    set_clock(1405, 6, 31, 8)
    key = add_task(session, manager, due_on=today(), repeats=Repeat.MONTHLY)
    ends = [*((1405, month, 30) for month in range(7, 12)), (1405, 12, 29), (1406, 1, 31), (1406, 2, 31)]
    for year, month, last in ends:
        set_clock(year, month, last, 0, 5)
        assert run() == (1, 0)

    assert [day for _month, day in days_of(session)] == [31, 30, 30, 30, 30, 30, 29, 31, 31]
    assert task_of(session, key).repetition == "روز ۳۱ هر ماه"


def test_days_that_the_worker_missed_come_once(session, manager, run):
    set_clock(1405, 9, 8)
    add_task(session, manager, due_on=today(), repeats=Repeat.DAILY)
    set_clock(1405, 9, 20)

    assert (run(), run()) == ((1, 0), (0, 0))
    assert days_of(session) == [(9, 8), (9, 20)]


@pytest.mark.parametrize("why", ["switched off", "elsewhere", "deleted", "cancelled"])
def test_a_task_that_nobody_works_on_makes_none(
    session, organization, stranger_organization, manager, run, why
):
    set_clock(1405, 9, 8)
    owner = member("Consultant", organization, "leaver")
    key = add_task(session, owner, due_on=today(), repeats=Repeat.DAILY)
    other = add_task(session, manager, title="دیگر", due_on=today(), repeats=Repeat.DAILY)
    row = task_of(session, key)
    if why == "switched off":
        session.get_one(Member, owner.id).active = False
    elif why == "elsewhere":
        session.get_one(Member, owner.id).organization_id = stranger_organization.id
    elif why == "deleted":
        row.deleted_at = clock.now()
    else:
        row.status = TaskStatus.CANCELLED
    session.commit()
    set_clock(1405, 9, 10)

    assert run() == (1, 0)
    assert session.scalars(select(Task.previous_id).where(Task.previous_id.is_not(None))).all() == [other]


def test_a_deleted_successor_is_not_made_again(session, manager, run):
    set_clock(1405, 9, 8)
    key = add_task(session, manager, due_on=today(), repeats=Repeat.DAILY)
    finish(session, key)
    session.scalars(select(Task).where(Task.previous_id == key)).one().deleted_at = clock.now()
    session.commit()
    set_clock(1405, 9, 20)

    assert run() == (0, 0)


def test_an_edited_date_moves_the_next_day(session, manager):
    set_clock(1405, 9, 8)
    key = add_task(session, manager, due_on=today(), repeats=Repeat.WEEKLY)
    task = task_of(session, key)
    assert (task.repetition, task.next_on) == ("هر هفته یکشنبه", jalali(1405, 9, 15))

    task.due_on = jalali(1405, 9, 20)
    task.repeat_weekdays = None
    session.commit()
    assert (task.repetition, task.next_on) == ("هر هفته جمعه", jalali(1405, 9, 27))

    task.repeats = Repeat.NEVER
    session.commit()
    assert (task.repetition, task.next_on, task.repeat_weekdays) == (None, None, None)


def test_a_worker_that_comes_too_late_makes_none(session, manager):
    set_clock(1405, 9, 8)
    key = add_task(session, manager, due_on=today(), repeats=Repeat.DAILY)
    finish(session, key)

    assert repeat(key) is None
    assert days_of(session) == [(9, 8), (9, 9)]


def test_a_savepoint_that_is_rolled_back_makes_none(session, manager):
    set_clock(1405, 9, 8)
    key = add_task(session, manager, due_on=today(), repeats=Repeat.DAILY)
    savepoint = session.begin_nested()
    task_of(session, key).status = TaskStatus.DONE
    session.flush()
    savepoint.rollback()
    session.commit()

    assert days_of(session) == [(9, 8)]


def test_a_tick_of_an_inactive_owner_makes_none_until_they_are_back(session, organization, manager, run):
    set_clock(1405, 9, 8)
    owner = member("Consultant", organization, "leaver")
    key = add_task(session, owner, due_on=today(), repeats=Repeat.DAILY)
    session.get_one(Member, owner.id).active = False
    finish(session, key)
    assert days_of(session) == [(9, 8)]

    session.get_one(Member, owner.id).active = True
    session.commit()
    assert run() == (1, 0)


def test_a_task_that_was_done_while_its_successor_was_made_is_not_due_again(session, manager):
    """The request has read the task before the worker marks it, and writes after it."""
    set_clock(1405, 9, 8)
    key = add_task(session, manager, due_on=today(), repeats=Repeat.DAILY)
    mark = update(Task).where(Task.id == key).values(has_next=True, next_on=today())
    session.execute(mark.execution_options(synchronize_session=False))
    session.commit()

    assert due_to_repeat() == []


@pytest.mark.parametrize("is_own", [True, False])
def test_the_trail_says_that_the_next_task_was_added(session, manager, run, is_own):
    set_clock(1405, 9, 8)
    key = add_task(session, manager, due_on=today(), repeats=Repeat.DAILY)
    if is_own:
        finish(session, key)
    else:
        set_clock(1405, 9, 9)
        run()
    made = session.scalars(select(Task.id).where(Task.previous_id == key)).one()
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.object_type == "Task", AuditEvent.object_id == made)
    ).one()

    assert (event.action, event.actor_id) == ("add", manager.id if is_own else None)
    assert is_own or event.request_id == f"task.repeat-{key}"
