"""A consultant is told of the work that others give them: once for each act, and together with it."""

import json

import pytest
from sqlalchemy import select

from app.lib.clock import now
from app.services.assignment.assign import assign, assign_all, assign_in_turn
from app.services.assignment.reassign import reassign
from app.services.assignment.undo import undo_assignments
from app.services.follow_up import Result, record_result
from models.assignment import Assignment
from models.follow_up import FollowUp
from models.member import Member
from models.order import OrderStatus
from models.result_title import ResultKind
from models.tenancy.scope import Actor, bind
from tests.factories import FollowUpFactory, OrderFactory, ProductFactory, ResultTitleFactory
from tests.notifications.steps import HTMX, told

KIND = "follow-ups.follow_ups.consultant"


@pytest.fixture
def orders(manager):
    return [OrderFactory(status=OrderStatus.NEW) for _ in range(5)]


def test_an_order_that_is_assigned(session, manager, consultant, colleague, orders):
    follow_up = assign(orders[0], consultant, by=manager)
    session.commit()

    [notice] = told(session, consultant)
    assert (notice.kind, notice.section, notice.row_id, notice.count) == (KIND, "follow-ups", follow_up.id, 1)
    assert notice.address == f"/follow-ups/show/{follow_up.id}"
    assert notice.params == {"name": str(orders[0].customer)}
    assert (notice.organization_id, notice.read_at) == (manager.organization_id, None)
    assert told(session, colleague) == told(session, manager) == []


def test_many_orders_of_one_act_are_one_with_their_number(session, manager, consultant, colleague, orders):
    assign_all(orders[:3], consultant, by=manager)
    assign_all(orders[3:], colleague, by=manager)
    session.commit()

    [notice], [other] = told(session, consultant), told(session, colleague)
    assert (notice.count, notice.row_id, notice.address) == (3, None, "/follow-ups/?tab=new")
    assert (other.count, notice.params) == (2, {})


def test_the_bulk_bar_and_a_job_in_chunks_tell_once(session, login, manager, consultant, orders):
    data = {"action": "assign", "_step": "run", "rowid": [str(each.id) for each in orders]}
    answer = login(manager).post(
        "/orders/action_post", data={**data, "member": str(consultant.id)}, headers=HTMX
    )
    assert answer.status_code == 204
    assert [each.count for each in told(session, consultant)] == [5]

    for part in (orders[:2], orders[2:]):
        bind(session, Actor(manager.organization_id, manager.id, request_id="bulk_jobs-7"))
        rows = [OrderFactory(status=OrderStatus.NEW) for _ in part]
        assign_all(rows, session.get(Member, consultant.id), by=None)
        session.commit()
    assert [each.count for each in told(session, consultant)] == [5, 5]


def test_a_chunk_after_the_first_was_read_makes_it_unread(session, manager, consultant, orders):
    bind(session, Actor(manager.organization_id, manager.id, request_id="bulk_jobs-7"))
    assign_all(orders[:1], consultant, by=manager)
    session.commit()
    [notice] = told(session, consultant)
    notice.read_at = now()
    session.commit()
    assign_all(orders[1:], consultant, by=manager)
    session.commit()

    [notice] = told(session, consultant)
    assert (notice.count, notice.read_at, notice.row_id, notice.params) == (5, None, None, {})


def test_in_turn_each_consultant_gets_their_own_number(session, manager, consultant, colleague, orders):
    assign_in_turn(orders, by=manager)
    session.commit()

    counts = [each.count for person in (consultant, colleague) for each in told(session, person)]
    assert sorted(counts) == [2, 3]


def test_a_follow_up_that_changes_hands(session, manager, consultant, colleague):
    follow_up = FollowUpFactory(consultant_id=consultant.id)
    session.commit()
    before = len(told(session, consultant))
    reassign(follow_up, colleague, by=manager)
    session.commit()

    assert [each.row_id for each in told(session, colleague)] == [follow_up.id]
    assert len(told(session, consultant)) == before


def test_an_undo_tells_the_former_consultant(session, manager, consultant, colleague, orders):
    follow_up = assign(orders[0], consultant, by=manager)
    session.commit()
    reassign(follow_up, colleague, by=manager)
    session.commit()
    last = select(Assignment.started_at).order_by(Assignment.id.desc()).limit(1)
    assert undo_assignments(session.scalars(last).one(), by=manager).count == 1
    session.commit()

    assert [each.row_id for each in told(session, consultant)] == [follow_up.id] * 2
    assert len(told(session, colleague)) == 1


def test_the_member_who_acts_is_told_nothing(session, login, manager, consultant):
    order = OrderFactory(status=OrderStatus.NEW)
    assign(order, manager, by=manager)
    session.commit()
    assert told(session, manager) == []

    product = ProductFactory()
    form = {"mobile": "09121110000", "first_name": "زهرا", "product": product.id, "quantity": "1"}
    login(consultant).post("/orders/add", data=form)
    assert told(session, consultant) == []


def test_what_is_rolled_back_tells_nobody(session, manager, consultant, orders):
    session.commit()
    assign(orders[0], consultant, by=manager)
    session.rollback()
    session.commit()

    assert told(session, consultant) == []


def test_what_a_savepoint_took_back_is_not_told(session, manager, consultant, orders):
    session.commit()
    savepoint = session.begin_nested()
    assign(orders[0], consultant, by=manager)
    savepoint.rollback()
    session.commit()
    assert told(session, consultant) == []

    assign(orders[1], consultant, by=manager)
    session.commit()
    assert [each.count for each in told(session, consultant)] == [1]


def test_takes_two_statements_for_many(session, manager, consultant, orders, statements):
    session.commit()
    assign_all(orders, consultant, by=manager)
    statements.clear()
    session.commit()

    # Who is told of what, and the notification.
    own = [each for each in statements if "notifications" in each or "FROM follow_ups" in each]
    assert len(own) == 2


def given(client, orders, member, action="assign", base="/orders/"):
    data = {"action": action, "_step": "run", "rowid": [str(each.id) for each in orders], "member": member.id}
    answer = client.post(f"{base}action_post", data=data, headers=HTMX)
    return json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"]


def test_the_undo_of_a_bulk_assignment_takes_its_notification_back(
    session, login, manager, consultant, colleague, orders
):
    client = login(manager)
    given(client, orders[:1], consultant)
    given(client, orders[1:2], colleague)
    undo_url = given(client, orders[2:], consultant)
    assert [each.count for each in told(session, consultant)] == [1, 3]
    client.post(undo_url, headers=HTMX)

    assert [each.count for each in told(session, consultant)] == [1]
    assert [each.count for each in told(session, colleague)] == [1]


def test_the_undo_of_some_corrects_the_number(session, login, manager, consultant, orders):
    client = login(manager)
    undo_url = given(client, orders, consultant)
    session.expire_all()
    work = session.scalars(select(FollowUp).where(FollowUp.order_id == orders[0].id)).one()
    title = ResultTitleFactory(kind=ResultKind.CALLBACK)
    record_result(work, Result(title, next_at=now()))
    session.commit()
    client.post(undo_url, headers=HTMX)

    assert [each.count for each in told(session, consultant)] == [1]


def test_one_that_was_read_stays_after_the_undo(session, login, manager, consultant, orders):
    client = login(manager)
    undo_url = given(client, orders, consultant)
    login(consultant).post("/notifications/read", headers=HTMX)
    client.post(undo_url, headers=HTMX)

    assert [each.count for each in told(session, consultant)] == [5]


def test_many_follow_ups_that_change_hands(session, login, manager, consultant, colleague):
    rows = [FollowUpFactory(consultant_id=consultant.id) for _ in range(3)]
    session.commit()
    before = len(told(session, consultant))
    undo_url = given(login(manager), rows, colleague, "reassign", "/follow-ups/")
    assert [each.count for each in told(session, colleague)] == [3]
    login(manager).post(undo_url, headers=HTMX)

    assert told(session, colleague) == []
    assert [each.count for each in told(session, consultant)[before:]] == [3]
