"""The tasks of today in the top bar: their number on every page, the popover, its ticks and its snoozes."""

import re
from datetime import time, timedelta

import pytest

from app.lib.jalali import today
from models.schedule.task_schedule import Reminder, Repeat
from models.task import Task, TaskStatus
from models.tenancy.scope import Actor, bind
from tests.day.task_steps import ALL, Schedule, add_task, task_of
from tests.factories import FollowUpFactory, member
from tests.notifications.steps import HTMX, told

TODAY = "/tasks/today"


@pytest.fixture
def tasks(session, consultant, colleague, manager):
    """The keys of the consultant's tasks by title, beside those of a colleague."""
    yesterday, tomorrow = today() - timedelta(days=1), today() + timedelta(days=1)
    plans = {
        "دیروز": {"due_on": yesterday},
        "امروز": {"due_on": today(), "status": TaskStatus.DOING, "description": "پیش‌فاکتور را بفرستم"},
        "فردا": {"due_on": tomorrow},
        "بی‌تاریخ": {},
        "انجام‌شده": {"due_on": today(), "status": TaskStatus.DONE},
        "لغوشده": {"due_on": today(), "status": TaskStatus.CANCELLED},
    }
    add_task(session, colleague, title="کار همکار", due_on=today())
    return {title: add_task(session, consultant, title=title, **plan) for title, plan in plans.items()}


def number_in(page):
    found = re.search(r'data-bell="/tasks/today".*?data-count="tasks-today">([^<]*)<', page, re.DOTALL)
    return found and found[1]


def test_every_page_has_the_number_of_todays_tasks(login, consultant, colleague, manager, tasks):
    assert number_in(login(consultant).get("/account/").text) == "۲"
    assert number_in(login(colleague).get("/account/").text) == "۱"
    # A manager sees the tasks of all and counts their own.
    assert number_in(login(manager).get("/account/").text) == ""


def test_the_popover_has_the_open_tasks_of_today(login, consultant, tasks):
    page = login(consultant).get(TODAY, headers=HTMX).text

    assert re.findall(r'href="/tasks/show/\d+" title="([^"]+)"', page) == ["دیروز", "امروز"]
    assert "۱ روز عقب‌افتاده" in page
    assert "پیش‌فاکتور را بفرستم" in page
    assert "۱ از ۳ انجام شد" in page
    assert 'aria-label="انتقال به «در حال انجام»"' in page
    assert 'aria-label="انتقال به «انجام شده»"' in page


def test_nothing_to_do_is_said(login, colleague, consultant, session):
    page = login(colleague).get(TODAY, headers=HTMX).text
    assert "امروز کاری نمانده است." in page
    assert "انجام شد" not in page


def test_a_task_of_a_customer_names_the_person(session, login, organization, consultant):
    bind(session, Actor(organization.id, consultant.id))
    follow_up = FollowUpFactory(order__customer__first_name="مریم", order__customer__last_name="رضایی")
    add_task(session, consultant, due_on=today(), due_time=time(23, 59), follow_up=follow_up)
    page = login(consultant).get(TODAY, headers=HTMX).text

    assert "مریم رضایی" in page
    assert "۲۳:۵۹" in page


def test_a_tick_moves_the_task_on_and_corrects_the_number(session, login, consultant, tasks):
    key, client = tasks["امروز"], login(consultant)
    answer = client.post(f"{TODAY}/{key}?from=doing", headers=HTMX)

    assert answer.status_code == 200
    assert 'data-status="done"' in answer.text
    assert "۲ از ۳ انجام شد" in answer.text
    assert '"tasks-today": "\\u06f1"' in answer.headers["X-Menu-Counts"]
    assert task_of(session, key).status is TaskStatus.DONE

    client.post(f"{TODAY}/{key}?from=done", headers=HTMX)
    assert task_of(session, key).status is TaskStatus.DOING


def test_a_task_that_moved_meanwhile_stays_where_it_is(session, login, consultant, tasks):
    key = tasks["امروز"]
    answer = login(consultant).post(f"{TODAY}/{key}?from=todo", headers=HTMX)

    assert 'data-status="doing"' in answer.text
    assert "toast" in answer.headers["HX-Trigger"]
    assert task_of(session, key).status is TaskStatus.DOING


def test_a_recurring_task_is_followed_at_once(session, login, consultant, tasks):
    key = tasks["امروز"]
    task_of(session, key).repeats = Repeat.DAILY
    session.commit()
    login(consultant).post(f"{TODAY}/{key}?from=doing", headers=HTMX)

    found = session.query(Task).execution_options(**ALL).filter(Task.previous_id == key).one()
    assert found.due_on == today() + timedelta(days=1)


def test_others_do_not_tick_and_do_not_snooze(session, login, organization, colleague, consultant, tasks):
    client = login(colleague)
    for url in (f"{TODAY}/{tasks['امروز']}?from=doing", f"/tasks/{tasks['امروز']}/snooze/1h"):
        assert client.post(url, headers=HTMX).status_code == 404
    assert task_of(session, tasks["امروز"]).status is TaskStatus.DOING


def test_operators_have_no_button(session, login, manager, tasks):
    assert 'data-bell="/tasks/' not in login(member("Operator", None)).get("/account/").text


def test_the_popover_costs_few_statements(session, login, consultant, statements, tasks):
    for number in range(15):
        add_task(session, consultant, title=f"کار {number}", due_on=today())
    client = login(consultant)
    client.get(TODAY, headers=HTMX)
    statements.clear()
    client.get(TODAY, headers=HTMX)

    assert len(statements) <= 6


def reminders(session, person):
    return [each for each in told(session, person) if each.kind == "tasks.tasks.reminded_at"]


@pytest.fixture
def reminded(session, organization, manager, consultant):
    """The key of a task whose owner has just been reminded."""
    key = add_task(session, consultant, title="جلسه", due_on=today(), remind=Reminder.NONE)
    task = task_of(session, key)
    task.remind_at = task.created_at
    session.commit()
    Schedule(session, organization, manager)()
    session.add(consultant)
    return key


def test_a_reminder_offers_to_put_it_off(session, login, consultant, reminded):
    client = login(consultant)
    page = client.get("/notifications/").text
    assert "یادآوری: جلسه" in page
    assert re.findall(r'data-post="(/tasks/\d+/snooze/[^"]+)"[^>]*>([^<]+)<', page) == [
        (f"/tasks/{reminded}/snooze/15m", "۱۵ دقیقه"),
        (f"/tasks/{reminded}/snooze/1h", "یک ساعت"),
        (f"/tasks/{reminded}/snooze/tomorrow", "فردا صبح"),
    ]

    answer = client.post(f"/tasks/{reminded}/snooze/tomorrow", headers=HTMX)
    assert answer.status_code == 204
    assert task_of(session, reminded).remind_at > task_of(session, reminded).reminded_at
    [notice] = reminders(session, consultant)
    assert notice.read_at is not None
    assert "snooze" not in client.get("/notifications/").text


@pytest.mark.parametrize("choice", ["2h", "", "1h/x"])
def test_an_unknown_snooze_is_not_found(login, consultant, reminded, choice):
    assert login(consultant).post(f"/tasks/{reminded}/snooze/{choice}", headers=HTMX).status_code == 404


def test_a_closed_task_is_not_put_off(session, login, consultant, reminded):
    task_of(session, reminded).status = TaskStatus.DONE
    session.commit()
    answer = login(consultant).post(f"/tasks/{reminded}/snooze/1h", headers=HTMX)

    assert "danger" in answer.headers["HX-Trigger"]
    assert task_of(session, reminded).remind_at is None


def test_only_the_owner_is_reminded(session, consultant, colleague, manager, reminded):
    assert [each.row_id for each in reminders(session, consultant)] == [reminded]
    assert reminders(session, colleague) == reminders(session, manager) == []
