"""Tasks: whose they are, when they are due, who gives them to whom."""

from datetime import time, timedelta

import pytest
from sqlalchemy import select

from app.lib.jalali import format_date, today
from app.services.account.token import make_token
from models.account import TokenScope
from models.notifications.notification import Notification
from models.task import Task, TaskStatus
from tests.factories import FollowUpFactory, TaskFactory, member

HTMX = {"HX-Request": "true"}


def stored(session, manager, *keys):
    """(title, status, owner) of the tasks."""
    session.expire_all()
    rows = session.scalars(select(Task).where(Task.id.in_(keys)).order_by(Task.id))
    return [(row.title, row.status, row.owner_id) for row in rows]


@pytest.fixture
def agent(session, organization):
    return member("SupportAgent", organization)


@pytest.fixture
def stranger_manager(session, stranger_organization):
    return member("Manager", stranger_organization, "stranger")


class TestWhoseTasks:
    def test_a_member_sees_their_own(self, session, login, manager, consultant, colleague, agent):
        for owner in (manager, consultant, colleague, agent):
            TaskFactory(title=f"کارِ {owner.username}", owner_id=owner.id)
        session.commit()

        for reader in (consultant, agent):
            for address in ("/tasks/?tab=all", "/tasks/board?tab=all", "/tasks/print?tab=all"):
                page = login(reader).get(address).text
                assert f"کارِ {reader.username}" in page
                assert f"کارِ {colleague.username}" not in page
                assert f"کارِ {manager.username}" not in page

    def test_a_manager_sees_those_of_all(self, session, login, manager, consultant, agent):
        for owner in (consultant, agent):
            TaskFactory(title=f"کارِ {owner.username}", owner_id=owner.id)
        session.commit()

        for address in ("/tasks/?tab=all", "/tasks/board?tab=all"):
            page = login(manager).get(address).text
            assert all(f"کارِ {owner.username}" in page for owner in (consultant, agent))

    def test_another_organisation_sees_none(self, session, login, manager, stranger_manager):
        key = TaskFactory(title="کار ما").id
        session.commit()

        client = login(stranger_manager)
        assert "کار ما" not in client.get("/tasks/board?tab=all").text
        assert client.get(f"/tasks/show/{key}").status_code == 404
        assert client.post(f"/tasks/{key}/move", data={"to": "done"}).status_code == 404

    def test_a_new_task_of_a_member_is_their_own_whatever_is_sent(
        self, session, login, manager, consultant, agent, colleague
    ):
        for owner in (consultant, agent):
            data = {"title": f"تازهٔ {owner.username}", "owner": colleague.id, "owner_id": colleague.id}
            assert login(owner).post("/tasks/add", data=data).status_code == 302

        rows = session.execute(select(Task.title, Task.owner_id), execution_options={"unscoped": True}).all()
        assert sorted(rows) == sorted((f"تازهٔ {each.username}", each.id) for each in (consultant, agent))

    def test_an_operator_may_not(self, session, login):
        client = login(member("Operator", None))
        for address in ("/tasks/", "/tasks/board", "/tasks/add"):
            assert client.get(address).status_code == 403


class TestTabs:
    @pytest.fixture
    def tasks(self, session, manager):
        day = today()
        rows = {
            "late": TaskFactory(due_on=day - timedelta(days=40)),
            "today": TaskFactory(due_on=day),
            "later": TaskFactory(due_on=day + timedelta(days=40)),
            "undated": TaskFactory(),
            "done now": TaskFactory(due_on=day - timedelta(days=40), status=TaskStatus.DONE),
            "cancelled long ago": TaskFactory(due_on=day - timedelta(days=40), status=TaskStatus.CANCELLED),
        }
        session.commit()
        return {name: row.title for name, row in rows.items()}

    @pytest.mark.parametrize("address", ["/tasks/", "/tasks/board"])
    def test_today_has_the_late_ones_and_what_was_done_today(self, login, manager, tasks, address):
        page = login(manager).get(f"{address}?tab=today").text

        shown = {name for name, title in tasks.items() if f">{title}<" in page}
        assert shown == {"late", "today", "done now"}

    def test_this_week_and_all(self, login, manager, tasks):
        def shown(tab):
            page = login(manager).get(f"/tasks/?tab={tab}").text
            return {name for name, title in tasks.items() if f">{title}<" in page}

        assert shown("week") == {"today"}
        assert shown("all") == set(tasks)


class TestTheForm:
    def add(self, client, **data):
        return client.post("/tasks/add", data={"title": "زنگ", **data})

    def test_stores_the_day_the_time_and_the_follow_up(self, session, login, consultant, manager):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        session.commit()

        answer = self.add(
            login(consultant), due_on=format_date(today()), due_time="۱۴۳۰", follow_up=follow_up.id
        )

        assert answer.status_code == 302
        row = session.scalars(select(Task)).one()
        assert (row.due_on, row.due_time, row.status) == (today(), time(14, 30), TaskStatus.TODO)
        assert (row.follow_up_id, row.customer_id) == (follow_up.id, follow_up.customer_id)

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ({"due_time": "9"}, "برای ساعت، تاریخ هم لازم است."),
            ({"due_on": "1405/09/02", "due_time": "25"}, "ساعت معتبر نیست"),
            ({"due_on": "1405/13/02"}, "تاریخ"),
            ({"title": " "}, "این"),
            ({"title": "د" * 161}, "نویسه"),
            ({"status": "later"}, "یکی از"),
        ],
    )
    def test_says_beside_the_field_what_is_wrong(self, session, login, consultant, data, message):
        answer = self.add(login(consultant), **data)

        assert answer.status_code == 422
        assert message in answer.text
        assert session.scalars(select(Task)).all() == []

    def test_a_follow_up_of_somebody_else_is_refused(self, session, login, consultant, colleague, manager):
        follow_up = FollowUpFactory(consultant_id=colleague.id)
        session.commit()

        assert self.add(login(consultant), follow_up=follow_up.id).status_code == 422

    def test_begins_with_the_column_whose_button_was_pressed_and_leads_back(self, login, consultant):
        client = login(consultant)

        page = client.get("/tasks/add?status=doing").text
        assert '<option value="doing" selected>' in page
        assert '<option value="todo" selected>' in client.get("/tasks/add?status=nothing").text
        answer = client.post("/tasks/add?status=doing", data={"title": "زنگ", "status": "doing"})
        assert answer.headers["Location"].endswith("/tasks/board")


class TestAssignment:
    def test_one_task_and_many_go_to_another_member_who_is_notified(
        self, session, login, manager, consultant, colleague
    ):
        rows = [TaskFactory(owner_id=consultant.id) for _ in range(3)]
        keys = [row.id for row in rows]
        session.commit()
        data = {"action": "assign", "_step": "run", "owner": colleague.id, "rowid": keys[:2]}

        assert login(manager).post("/tasks/action_post", data=data, headers=HTMX).status_code == 204

        owners = [owner for _title, _status, owner in stored(session, manager, *keys)]
        assert owners == [colleague.id, colleague.id, consultant.id]
        [notified] = session.scalars(select(Notification).where(Notification.member_id == colleague.id)).all()
        assert notified.count == 2

    def test_a_stranger_gets_none(self, session, login, manager, consultant, stranger_manager):
        task = TaskFactory(owner_id=consultant.id)
        session.commit()
        data = {"_step": "run", "owner": stranger_manager.id}

        answer = login(manager).post(f"/tasks/action/assign/{task.id}", data=data, headers=HTMX)

        assert answer.status_code == 422
        assert stored(session, manager, task.id)[0][2] == consultant.id

    def test_members_may_not(self, session, login, manager, consultant, colleague, agent):
        task = TaskFactory(owner_id=consultant.id)
        session.commit()
        data = {"_step": "run", "owner": colleague.id}

        for reader in (consultant, agent):
            answer = login(reader).post(f"/tasks/action/assign/{task.id}", data=data)
            assert answer.status_code == 403
            assert "owner" not in login(reader).get("/tasks/add").text.split("<form")[1]


class TestRest:
    def test_times_are_texts_in_both_directions(self, app, session, manager, consultant):
        _row, token = make_token(consultant, name="آزمون", scope=TokenScope.WRITE, days=1)
        session.commit()
        bearer = {"Authorization": f"Bearer {token}"}
        client = app.test_client()
        body = {"title": "زنگ", "due_on": "2026-11-30", "due_time": "14:30"}

        made = client.post("/api/v1/tasks/", json=body, headers=bearer)

        assert made.status_code == 201, made.text
        assert made.json["due_time"] == "14:30"
        assert client.get("/api/v1/tasks/?f_due_time_from=14:00", headers=bearer).json["count"] == 1
        assert client.get("/api/v1/tasks/?f_due_time_from=14:31", headers=bearer).json["count"] == 0
        refused = client.post("/api/v1/tasks/", json={**body, "due_time": "later"}, headers=bearer)
        assert refused.status_code == 422
        assert "due_time" in refused.json["errors"]
