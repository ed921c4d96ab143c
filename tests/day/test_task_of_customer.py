"""«ساخت وظیفه» of a customer: the dialog, the task, its place on the timeline, its deletion, its successor."""

import pytest
from sqlalchemy import select

from app.lib.jalali import format_date, today
from models.schedule.task_schedule import Repeat
from models.task import Task, TaskStatus
from models.tenancy.scope import Actor, bind
from tests.day.task_steps import ALL, add_task, task_of
from tests.factories import CustomerFactory, FollowUpFactory, member
from tests.notifications.steps import HTMX

TITLE = "۰۹۴۲۷۲۳۹۳۸۰"


@pytest.fixture
def customer(session, organization, manager, consultant):
    """A customer of the consultant, with a follow-up."""
    bind(session, Actor(organization.id, consultant.id))
    row = FollowUpFactory(order__customer__mobile="+989427239380").customer
    session.commit()
    bind(session, Actor(organization.id, manager.id))
    return row


def dialog(client, customer, **values):
    return client.post(f"/customers/action/create_task/{customer.id}", data=values, headers=HTMX)


def tasks_of(session, customer):
    found = select(Task).where(Task.customer_id == customer.id).order_by(Task.id)
    return session.scalars(found, execution_options=ALL).all()


def test_the_dialog_begins_with_the_mobile_and_today(login, consultant, customer):
    page = dialog(login(consultant), customer).text

    assert f'value="{TITLE}"' in page
    assert f'value="{format_date(today())}"' in page


def test_the_task_is_the_members_own_and_stands_on_the_timeline(
    session, login, organization, manager, consultant, customer
):
    for person in (consultant, member("SupportAgent", organization)):
        client = login(person)
        sent = {
            "title": f"{TITLE} {person.username}",
            "due_on": format_date(today()),
            "description": "زنگ بزنم",
        }
        assert dialog(client, customer, _step="run", **sent).status_code == 204
        task = tasks_of(session, customer)[-1]
        assert (task.owner_id, task.follow_up_id, task.due_on) == (person.id, None, today())
        assert f'href="/customers/show/{customer.id}"' in client.get(f"/tasks/show/{task.id}").text
        page = client.get(f"/customers/show/{customer.id}").text
        assert f'href="/tasks/show/{task.id}"' in page
        assert page.count("زنگ بزنم") == 1
    # Only the manager sees those of both.
    assert login(manager).get(f"/customers/show/{customer.id}").text.count("زنگ بزنم") == 2


def test_the_page_and_the_menu_offer_it(session, login, organization, manager, consultant, customer):
    url = f'data-post="/customers/action/create_task/{customer.id}" data-into="dialog"'
    assert url in login(consultant).get(f"/customers/show/{customer.id}").text
    menu = 'data-post="/customers/action/create_task/__pk__" data-into="dialog" aria-keyshortcuts="T"'
    assert menu in login(consultant).get("/customers/").text


def test_errors_stand_beside_their_fields(session, login, consultant, customer):
    answer = dialog(login(consultant), customer, _step="run", title=" ", due_on="۱۴۰۵/۱۳/۰۱")

    assert 'id="title-error"' in answer.text
    assert 'id="due_on-error"' in answer.text
    assert tasks_of(session, customer) == []


def test_others_can_not_make_one(
    session, login, organization, stranger_organization, colleague, consultant, customer
):
    for person in (colleague, member("Manager", stranger_organization, "x")):
        assert dialog(login(person), customer, _step="run", title="الف").status_code == 404
    assert dialog(login(member("Operator", None)), customer, _step="run", title="الف").status_code == 403
    assert tasks_of(session, customer) == []


def test_a_task_is_deleted_and_restored_with_its_customer(session, login, manager, consultant, customer):
    dialog(login(consultant), customer, _step="run", title="الف")
    other = add_task(session, consultant, title="بی‌مشتری")
    client = login(manager)
    client.post(f"/customers/delete/{customer.id}", headers=HTMX)
    [task] = tasks_of(session, customer)
    assert task.deleted_at is not None
    assert task_of(session, other).deleted_at is None

    assert client.post(f"/customers/undo/{task.delete_batch}", headers=HTMX).status_code == 204
    assert [each.deleted_at for each in tasks_of(session, customer)] == [None]


def test_the_customer_stays_with_the_task_and_its_successor(session, login, consultant, customer):
    dialog(login(consultant), customer, _step="run", title="الف", due_on=format_date(today()))
    [task] = tasks_of(session, customer)
    task.repeats = Repeat.DAILY
    session.commit()
    task.status = TaskStatus.DONE
    session.commit()

    assert [each.previous_id for each in tasks_of(session, customer)] == [None, task.id]


def test_a_follow_up_that_is_given_or_taken_decides_about_the_customer(session, manager, customer):
    other, follow_up = CustomerFactory(), session.scalars(select(FollowUpFactory._meta.model)).one()
    task = Task(title="الف", owner_id=manager.id, customer=other)
    session.add(task)
    session.commit()
    assert task.customer_id == other.id

    task.follow_up = follow_up
    session.commit()
    assert task.customer_id == customer.id
    task.follow_up = None
    session.commit()
    assert task.customer_id is None
