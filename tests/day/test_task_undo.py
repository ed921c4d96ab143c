"""«انداختن به فردا» of tasks, singly and in bulk, and its undo."""

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from app.lib import clock
from app.lib.jalali import today
from models.schedule.task_schedule import Reminder, Repeat
from models.task import Task, TaskStatus
from tests.day.task_steps import ALL, add_task, bulk, jalali, post, set_clock, task_of, toast, undo
from tests.factories import member
from tests.notifications.steps import HTMX


class TestTomorrow:
    @pytest.fixture
    def tasks(self, session, consultant, colleague, manager):
        day = today()
        plans = {
            "late": {"due_on": day - timedelta(days=3)},
            "today": {"due_on": day, "due_time": time(10), "remind": Reminder.HOUR},
            "undated": {},
            "tomorrow": {"due_on": day + timedelta(days=1)},
            "later": {"due_on": day + timedelta(days=9)},
            "done": {"due_on": day, "status": TaskStatus.DONE},
            "cancelled": {"due_on": day, "status": TaskStatus.CANCELLED},
        }
        return {name: add_task(session, consultant, title=name, **plan) for name, plan in plans.items()}

    def days(self, session, tasks):
        return {name: task_of(session, key).due_on for name, key in tasks.items()}

    def test_one_and_many_move_and_the_others_are_named(self, session, login, consultant, tasks):
        client, before = login(consultant), self.days(session, tasks)
        single = post(client, f"/tasks/action/postpone/{tasks['today']}", _step="run")
        assert single.status_code == 204
        many = bulk(client, "postpone", list(tasks.values()))

        assert "«cancelled»" in toast(many)["text"]
        assert "«later»" in toast(many)["text"]
        moved = {name for name, day in self.days(session, tasks).items() if day != before[name]}
        assert moved == {"late", "today", "undated"}
        assert {self.days(session, tasks)[name] for name in moved} == {today() + timedelta(days=1)}
        row = task_of(session, tasks["today"])
        assert (row.remind_at, row.due_time) == (row.due_at - timedelta(hours=1), time(10))

        assert undo(client, many).status_code == 204
        assert {name for name, day in self.days(session, tasks).items() if day != before[name]} == {"today"}
        undo(client, single)
        assert self.days(session, tasks) == before

    def test_nothing_is_asked_where_rows_are_chosen_by_hand(
        self, session, login, consultant, colleague, tasks
    ):
        client, before = login(consultant), self.days(session, tasks)
        theirs = add_task(session, colleague, due_on=today())
        assert bulk(client, "postpone", [], _all="1", _query="tab=all", _step="").status_code == 200
        assert self.days(session, tasks) == before
        single = post(client, f"/tasks/action/postpone/{tasks['today']}")
        assert (single.status_code, single.text) == (204, "")
        many = bulk(client, "postpone", [tasks["late"], tasks["undated"]], _step="")
        moved = {name for name, day in self.days(session, tasks).items() if day != before[name]}
        assert moved == {"today", "late", "undated"}
        assert post(client, f"/tasks/action/postpone/{theirs}").status_code == 404
        undo(client, many)
        undo(client, single)
        assert self.days(session, tasks) == before

    def test_midnight_is_that_of_tehran(self, session, login, consultant, manager):
        set_clock(1405, 9, 8, 23, 59)
        key = add_task(session, consultant, due_on=today())
        client = login(consultant)
        post(client, f"/tasks/action/postpone/{key}", _step="run")
        assert task_of(session, key).due_on == jalali(1405, 9, 9)

        set_clock(1405, 9, 9, 0, 1)
        assert (
            "danger"
            in post(
                client,
                f"/tasks/action/postpone/{add_task(session, consultant, due_on=jalali(1405, 9, 10))}",
                _step="run",
            ).headers["HX-Trigger"]
        )
        post(client, f"/tasks/action/postpone/{key}", _step="run")
        assert task_of(session, key).due_on == jalali(1405, 9, 10)

    def test_the_rule_of_a_recurring_task_stays(self, session, login, consultant, manager):
        set_clock(1405, 9, 8)
        key = add_task(session, consultant, due_on=today(), repeats=Repeat.MONTHLY)
        client = login(consultant)

        answer = post(client, f"/tasks/action/postpone/{key}", _step="run")
        row = task_of(session, key)
        assert (row.due_on, row.repeat_day, row.next_on) == (jalali(1405, 9, 9), 8, jalali(1405, 10, 8))
        undo(client, answer)
        assert (task_of(session, key).due_on, task_of(session, key).repeat_day) == (jalali(1405, 9, 8), 8)
        # A date that the form gives changes the rule.
        task_of(session, key).due_on = jalali(1405, 9, 20)
        session.commit()
        assert task_of(session, key).repeat_day == 20

    def test_a_tick_after_it_keeps_the_rule_too(self, session, login, consultant, manager):
        set_clock(1405, 9, 8)
        key = add_task(session, consultant, due_on=today(), repeats=Repeat.MONTHLY)
        client = login(consultant)
        post(client, f"/tasks/action/postpone/{key}", _step="run")
        post(client, f"/tasks/{key}/move", to="done")

        [following] = session.scalars(select(Task).where(Task.previous_id == key), execution_options=ALL)
        assert (following.due_on, following.repeat_day) == (jalali(1405, 10, 8), 8)

    def test_the_popover_lets_it_go(self, session, login, consultant, tasks):
        client = login(consultant)
        assert (
            f'hx-post="/tasks/today/{tasks["late"]}/tomorrow"'
            in client.get("/tasks/today", headers=HTMX).text
        )

        answer = post(client, f"/tasks/today/{tasks['late']}/tomorrow")

        assert answer.status_code == 200
        assert "<li" not in answer.text
        assert '"tasks-today": "\\u06f1"' in answer.headers["X-Menu-Counts"]
        assert task_of(session, tasks["late"]).due_on == today() + timedelta(days=1)
        again = post(client, f"/tasks/today/{tasks['late']}/tomorrow")
        assert (again.status_code, toast(again)["level"]) == (204, "warning")
        undo(client, answer)
        assert task_of(session, tasks["late"]).due_on == today() - timedelta(days=3)

    def test_others_may_not(self, session, login, organization, stranger_organization, colleague, tasks):
        key, before = tasks["late"], self.days(session, tasks)
        people = [
            colleague,
            member("SupportAgent", organization),
            member("Manager", stranger_organization, "x"),
        ]
        for person in people:
            client = login(person)
            assert post(client, f"/tasks/action/postpone/{key}", _step="run").status_code == 404
            assert bulk(client, "postpone", [key]).status_code == 404
            assert post(client, f"/tasks/today/{key}/tomorrow").status_code == 404
        assert self.days(session, tasks) == before

    def test_only_who_did_it_takes_it_back_for_ten_minutes(self, session, login, consultant, manager, tasks):
        client = login(consultant)
        answer = post(client, f"/tasks/action/postpone/{tasks['late']}", _step="run")

        assert toast(undo(login(manager), answer))["level"] == "danger"
        assert task_of(session, tasks["late"]).due_on == today() + timedelta(days=1)
        clock.start_at(clock.now() + timedelta(minutes=11))
        assert toast(undo(client, answer))["level"] == "danger"

    def test_what_was_changed_since_stays(self, session, login, consultant, tasks):
        client = login(consultant)
        answer = bulk(client, "postpone", [tasks["late"], tasks["today"]])
        task_of(session, tasks["late"]).due_on = today() + timedelta(days=5)
        session.commit()

        undone = undo(client, answer)

        assert "۱ مورد ماند" in toast(undone)["text"] or "تغییر" in toast(undone)["text"]
        days = self.days(session, tasks)
        assert (days["late"], days["today"]) == (today() + timedelta(days=5), today())
