"""Members are notified of each task that somebody gives them, and of none that an undo gives them back."""

import pytest
from sqlalchemy import select

from models.schedule.task_schedule import Repeat
from models.task import Task, TaskStatus
from models.tenancy.scope import Actor, bind
from tests.day.task_steps import ALL, add_task, bulk, jalali, set_clock, task_of, undo
from tests.factories import TaskFactory, member
from tests.notifications.steps import told


@pytest.fixture(autouse=True)
def elsewhere(session, organization, stranger_organization):
    """A member of another organisation with a task, made first: what was loaded before it is detached."""
    person = member("Consultant", stranger_organization, "elsewhere")
    bind(session, Actor(stranger_organization.id, person.id))
    TaskFactory()
    session.commit()
    bind(session, Actor(organization.id))
    return person


@pytest.fixture
def browser(login, manager):
    return login(manager)


def acting(session, person):
    bind(session, Actor(person.organization_id, person.id))


def names(session, person):
    return [each.params.get("name") for each in told(session, person)]


def test_of_a_task_of_their_own_that_comes_back(
    session, browser, organization, consultant, colleague, elsewhere
):
    acting(session, consultant)
    key = add_task(session, consultant, title="از خودم")
    assert names(session, consultant) == []
    for owner in (colleague, consultant):
        assert bulk(browser, "assign", [key], owner=owner.id).status_code == 204

    assert names(session, colleague) == ["از خودم"]
    assert names(session, consultant) == ["از خودم"]
    assert names(session, elsewhere) == []


def test_of_a_recurring_task_that_has_come_again(session, browser, consultant, colleague):
    set_clock(1405, 9, 9)
    acting(session, consultant)
    key = add_task(session, consultant, title="هر روز", due_on=jalali(1405, 9, 9), repeats=Repeat.DAILY)
    task_of(session, key).status = TaskStatus.DONE
    session.commit()
    following = session.scalar(select(Task.id).where(Task.previous_id == key), execution_options=ALL)
    assert names(session, consultant) == []
    bulk(browser, "assign", [following], owner=colleague.id)

    assert names(session, colleague) == ["هر روز"]
    assert names(session, consultant) == []


def test_not_of_a_task_that_an_undo_gives_back(session, browser, manager, consultant, colleague):
    acting(session, manager)
    key = add_task(session, consultant, title="از مدیر")
    before = [each.id for each in told(session, consultant)]
    answer = bulk(browser, "assign", [key], owner=colleague.id)
    assert names(session, colleague) == ["از مدیر"]
    assert undo(browser, answer).status_code == 204

    assert task_of(session, key).owner_id == consultant.id
    assert [each.id for each in told(session, consultant)] == before
    assert names(session, colleague) == []


def test_of_what_is_given_after_an_undo(session, browser, manager, consultant, colleague):
    acting(session, manager)
    key = add_task(session, consultant, title="از مدیر")
    undo(browser, bulk(browser, "assign", [key], owner=colleague.id))
    bulk(browser, "assign", [key], owner=colleague.id)

    assert names(session, colleague) == ["از مدیر"]
