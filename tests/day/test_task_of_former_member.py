"""Tasks of members who were switched off: a manager edits them without giving them to somebody else."""

import re

import pytest

from app.services.account.token import make_token
from models.account import TokenScope
from models.tenancy.scope import Actor, bind
from tests.day.task_steps import add_task, task_of
from tests.factories import member

SENT = {"title": "تماس دوباره", "status": "doing", "repeats": "never", "remind": "none"}


@pytest.fixture(autouse=True)
def elsewhere(stranger_organization):
    """A former member of another organisation, made first: what was loaded before it is detached."""
    return member("Consultant", stranger_organization, "elsewhere", active=False).id


@pytest.fixture
def people(session, organization, manager, consultant, elsewhere):
    """The keys of the former owner, of another former member, and of the one elsewhere."""
    other = member("Consultant", organization, "other", active=False).id
    bind(session, Actor(organization.id, manager.id))
    return consultant.id, other, elsewhere


@pytest.fixture
def task(session, people, consultant):
    key = add_task(session, consultant)
    consultant.active = False
    session.commit()
    return key


def version(page):
    return re.search(r'name="row_version"[^>]*value="([^"]*)"', page)[1]


def test_the_form_saves_other_values(session, login, manager, task, people):
    browser = login(manager)
    page = browser.get(f"/tasks/edit/{task}").text
    sent = SENT | {"owner": people[0], "row_version": version(page)}

    assert browser.post(f"/tasks/edit/{task}", data=sent).status_code == 302
    row = task_of(session, task)
    assert (row.title, row.owner_id) == ("تماس دوباره", people[0])


@pytest.mark.parametrize("which", [1, 2])
def test_the_form_gives_it_to_no_other_former_member(session, login, manager, task, people, which):
    browser = login(manager)
    page = browser.get(f"/tasks/edit/{task}").text
    answer = browser.post(
        f"/tasks/edit/{task}", data=SENT | {"owner": people[which], "row_version": version(page)}
    )

    assert answer.status_code == 422
    assert 'id="owner-error"' in answer.text
    assert task_of(session, task).owner_id == people[0]


def test_a_new_task_is_of_an_active_member(login, manager, task, people):
    answer = login(manager).post("/tasks/add", data=SENT | {"owner": people[0]})
    assert answer.status_code == 422


@pytest.mark.parametrize(("which", "status"), [(0, 200), (1, 409), (2, 409)])
def test_rest_has_the_same_rule(app, session, manager, task, people, which, status):
    _row, secret = make_token(manager, name="آزمون", scope=TokenScope.WRITE, days=1)
    session.commit()
    client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}
    found = client.get(f"/api/v1/tasks/{task}", headers=headers)
    headers["If-Match"] = found.headers["ETag"]
    answer = client.put(f"/api/v1/tasks/{task}", json=SENT | {"owner": people[which]}, headers=headers)

    assert answer.status_code == status
    assert task_of(session, task).owner_id == people[0]
