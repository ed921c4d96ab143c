"""A recurring task that is ticked anywhere is followed at once, and once."""

import pytest
from sqlalchemy import select

from app.lib.jalali import format_date, today
from app.services.account.token import make_token
from models.account import TokenScope
from models.schedule.task_schedule import Repeat
from models.task import Task, TaskStatus
from tests.day.task_steps import ALL, Schedule, add_task, task_of
from tests.notifications.steps import HTMX


def successors(session, key):
    return session.scalars(select(Task).where(Task.previous_id == key), execution_options=ALL).all()


def edit(client, task, status):
    data = {
        "title": task.title,
        "due_on": format_date(today()),
        "status": status,
        "repeats": task.repeats.value,
        "row_version": task.row_version,
    }
    return client.post(f"/tasks/edit/{task.id}", data=data)


def change(client, task, status):
    data = {"action": "change", "_step": "run", "status": status, "rowid": task.id}
    return client.post("/tasks/action_post", data=data, headers=HTMX)


def change_all(client, task, status):
    matching = f"tab=all&f_status={'doing' if status == 'done' else 'done'}"
    data = {"action": "change", "_step": "run", "status": status, "_all": "1", "_query": matching}
    return client.post("/tasks/action_post", data=data, headers=HTMX)


def move(client, task, status):
    return client.post(f"/tasks/{task.id}/move", data={"to": status}, headers=HTMX)


def tick(client, task, status):
    before = {"done": "doing", "doing": "done"}[status]
    return client.post(f"/tasks/today/{task.id}?from={before}", headers=HTMX)


@pytest.mark.parametrize("path", [edit, change, change_all, move, tick])
def test_the_next_task_is_made_with_the_tick(session, login, organization, manager, consultant, path):
    key = add_task(session, consultant, due_on=today(), repeats=Repeat.DAILY, status=TaskStatus.DOING)
    single = add_task(session, consultant, title="بی‌تکرار", due_on=today(), status=TaskStatus.DOING)
    client = login(consultant)

    assert path(client, task_of(session, key), "done").status_code in {200, 204, 302}
    assert path(client, task_of(session, single), "done").status_code in {200, 204, 302}

    [following] = successors(session, key)
    assert (following.status, following.owner_id) == (TaskStatus.TODO, consultant.id)
    assert (following.due_on - today()).days == 1
    assert successors(session, single) == []
    # A second tick makes no second one, and neither does the schedule.
    path(client, task_of(session, key), "doing")
    path(client, task_of(session, key), "done")
    assert Schedule(session, organization, manager)() == (0, 0)
    assert len(successors(session, key)) == 1


def test_rest_makes_it_too(app, session, manager, consultant):
    key = add_task(session, consultant, due_on=today(), repeats=Repeat.DAILY)
    _row, token = make_token(consultant, name="آزمون", scope=TokenScope.WRITE, days=1)
    session.commit()
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}
    found = client.get(f"/api/v1/tasks/{key}", headers=headers)

    body = {**found.json, "status": "done"}
    body = {name: body[name] for name in ("title", "due_on", "status", "repeats")}
    answer = client.put(
        f"/api/v1/tasks/{key}", json=body, headers={**headers, "If-Match": found.headers["ETag"]}
    )

    assert answer.status_code == 200, answer.text
    assert len(successors(session, key)) == 1


def test_a_task_of_another_member_is_not_ticked(session, login, manager, consultant, colleague):
    key = add_task(session, consultant, due_on=today(), repeats=Repeat.DAILY, status=TaskStatus.DOING)

    for path in (edit, change, move, tick):
        assert path(login(colleague), task_of(session, key), "done").status_code == 404
    assert successors(session, key) == []
