"""Fixtures of hostile inputs at tasks: a consultant's task, and those of others that stay as they are."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.services.account.token import make_token
from models.account import TokenScope
from models.task import Task
from models.tenancy.scope import Actor, bind
from tests.day.task_steps import ALL
from tests.factories import TaskFactory, member


@pytest.fixture(autouse=True)
def neighbour(stranger_organization):
    """Another organisation, made first: what was loaded before it is detached."""
    return stranger_organization


@pytest.fixture
def task(session, manager, consultant):
    row = TaskFactory(title="از خودم", owner_id=consultant.id)
    session.commit()
    return row.id


@pytest.fixture
def others(session, organization, manager, consultant, task, neighbour):
    """The tasks that no request of the consultant may change: a colleague's, a deleted one, one of another organisation."""
    colleague, stranger = (
        member("Consultant", organization, "hamkar"),
        member("Consultant", neighbour),
    )
    gone = TaskFactory(title="حذف‌شده", owner_id=consultant.id)
    session.flush()
    gone.deleted_at = gone.created_at
    keys = [TaskFactory(title="از همکار", owner_id=colleague.id).id, gone.id]
    here = Actor(organization.id, consultant.id)
    bind(session, Actor(neighbour.id, stranger.id))
    keys.append(TaskFactory(title="از غریبه", owner_id=stranger.id).id)
    session.commit()
    bind(session, here)
    session.add(consultant)
    return keys


@pytest.fixture
def browser(login, consultant, others):
    return login(consultant)


@pytest.fixture
def untouched(session, others):
    """A function that says whether the tasks of others are as they were."""
    statement = select(Task.__table__).where(Task.id.in_(others)).order_by(Task.id)

    def read():
        session.expire_all()
        return [tuple(row) for row in session.execute(statement, execution_options=ALL)]

    before = read()
    return lambda: read() == before


@pytest.fixture
def api(app, session, consultant, others):
    _row, secret = make_token(consultant, name="آزمون", scope=TokenScope.WRITE, days=1)
    session.commit()
    client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}
    return lambda method, path, body: client.open(
        f"/api/v1/{path}", method=method, json=body, headers=headers
    )
