"""«ساخت وظیفه» of a follow-up: the dialog, the task, and its place on the timelines."""

import pytest
from sqlalchemy import select

from app.lib.jalali import format_date, today
from models.task import Task
from models.tenancy.scope import Actor, bind
from tests.day.task_steps import ALL, add_task, task_of
from tests.factories import FollowUpFactory, member
from tests.notifications.steps import HTMX


@pytest.fixture
def follow_up(session, organization, manager, consultant, colleague):
    """A follow-up of the consultant; the colleague has one of their own."""
    bind(session, Actor(organization.id, colleague.id))
    FollowUpFactory()
    bind(session, Actor(organization.id, consultant.id))
    row = FollowUpFactory(order__customer__mobile="+989427239380")
    session.commit()
    bind(session, Actor(organization.id, manager.id))
    return row


def dialog(client, follow_up, **values):
    return client.post(f"/follow-ups/action/create_task/{follow_up.id}", data=values, headers=HTMX)


def tasks_of(session, follow_up):
    return session.scalars(select(Task).where(Task.follow_up_id == follow_up.id), execution_options=ALL).all()


def test_the_dialog_begins_with_the_mobile_and_today(login, consultant, follow_up):
    page = dialog(login(consultant), follow_up).text

    assert 'value="۰۹۴۲۷۲۳۹۳۸۰"' in page
    assert f'value="{format_date(today())}"' in page
    assert [each in page for each in ("days:0", "days:1", "weekday:0", "hours:1")] == [
        True,
        True,
        True,
        False,
    ]


def test_the_task_is_the_members_own_and_leads_back(session, login, consultant, follow_up):
    client = login(consultant)
    answer = dialog(
        client,
        follow_up,
        _step="run",
        title="۰۹۴۲۷۲۳۹۳۸۰",
        due_on=format_date(today()),
        description="زنگ بزنم",
    )
    assert answer.status_code == 204
    [task] = tasks_of(session, follow_up)
    assert (task.owner_id, task.created_by_id) == (consultant.id, consultant.id)
    assert (task.customer_id, task.due_on) == (follow_up.customer_id, today())

    assert f'href="/follow-ups/show/{follow_up.id}"' in client.get(f"/tasks/show/{task.id}").text
    for page in (
        f"/follow-ups/show/{follow_up.id}",
        f"/customers/show/{follow_up.customer_id}",
        f"/orders/show/{follow_up.order_id}",
    ):
        text = client.get(page).text
        assert f'href="/tasks/show/{task.id}"' in text
        assert "زنگ بزنم" in text


def test_errors_stand_beside_their_fields(session, login, consultant, follow_up):
    answer = dialog(login(consultant), follow_up, _step="run", title="", due_on="۱۴۰۵/۱۳/۰۱")

    assert answer.status_code in {200, 422}
    assert 'id="title-error"' in answer.text
    assert 'id="due_on-error"' in answer.text
    assert tasks_of(session, follow_up) == []


def test_others_can_not_make_one(session, login, organization, stranger_organization, colleague, follow_up):
    assert dialog(login(colleague), follow_up, _step="run", title="الف").status_code == 404
    agent = member("SupportAgent", organization, "agent")
    assert dialog(login(agent), follow_up, _step="run", title="الف").status_code == 403
    assert tasks_of(session, follow_up) == []


def test_a_colleague_sees_the_order_without_the_task(
    session, login, manager, consultant, colleague, follow_up
):
    dialog(login(manager), follow_up, _step="run", title="وظیفهٔ مدیر")
    [task] = tasks_of(session, follow_up)
    assert task.owner_id == manager.id
    assert "وظیفهٔ مدیر" in login(manager).get(f"/customers/show/{follow_up.customer_id}").text
    # The task is the manager's own; the consultant sees the follow-up alone.
    assert "وظیفهٔ مدیر" not in login(consultant).get(f"/follow-ups/show/{follow_up.id}").text


def test_the_panel_and_the_menu_offer_it_by_its_key(login, consultant, follow_up):
    client = login(consultant)
    panel = client.get(f"/follow-ups/{follow_up.id}/panel", headers=HTMX).text
    assert (
        f'data-post="/follow-ups/action/create_task/{follow_up.id}" data-into="dialog" aria-keyshortcuts="T"'
        in panel
    )
    assert (
        'data-post="/follow-ups/action/create_task/__pk__" data-into="dialog" aria-keyshortcuts="T"'
        in client.get("/follow-ups/?tab=all").text
    )


def deleted(session, follow_up):
    return [each.deleted_at is not None for each in tasks_of(session, follow_up)]


def test_the_tasks_of_a_follow_up_are_deleted_and_restored_with_it(
    session, login, manager, consultant, follow_up
):
    for person, title in ((consultant, "وظیفهٔ مشاور"), (manager, "وظیفهٔ مدیر")):
        dialog(login(person), follow_up, _step="run", title=title)
    other = add_task(session, consultant, title="بی‌پیگیری")
    client, data = login(consultant), {"_step": "run"}
    client.post(f"/follow-ups/action/remove/{follow_up.id}", data=data, headers=HTMX)
    assert deleted(session, follow_up) == [True, True]
    assert task_of(session, other).deleted_at is None

    batch = tasks_of(session, follow_up)[0].delete_batch
    assert client.post(f"/follow-ups/undo/{batch}", headers=HTMX).status_code == 204
    assert deleted(session, follow_up) == [False, False]
