"""Orders whose follow-ups are deleted wait in the tray, and leave it with a restored one."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from models.assignment import Assignment
from models.follow_up import FollowUp, FollowUpStatus
from models.order import Order, OrderStatus
from tests.factories import OrderFactory
from tests.sales.by_hand import lines
from tests.sales.sale_steps import HTMX, RUN


@pytest.fixture
def given(session, client, consultant):
    """Two orders of the consultant, assigned by the manager; the tests are about the first."""
    orders = [OrderFactory(), OrderFactory()]
    session.commit()
    for order in orders:
        assign(client, order, consultant)
    return orders[0]


def assign(client, order, person):
    answer = client.post(f"/orders/action/assign/{order.id}", data=RUN | {"member": person.id}, headers=HTMX)
    assert answer.status_code == 204


def work_of(session, order):
    session.expire_all()
    statement = select(FollowUp).where(FollowUp.order_id == order.id).order_by(FollowUp.id.desc())
    return session.scalars(statement, execution_options={"with_deleted": True}).first()


def delete(browser, section, row):
    """Deletes the row; returns the address of the undo."""
    answer = browser.post(f"/{section}/delete/{row.id}", data=RUN, headers=HTMX)
    return json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"]


def restore(client, section, row):
    assert client.post(f"/trash/restore/{section}/{row.id}", headers=HTMX).status_code == 204


def status(session, order):
    session.expire_all()
    return session.get(Order, order.id).status


def ledger(session, order):
    """To whom the order was given, and whether they still have it."""
    session.expire_all()
    statement = select(Assignment).where(Assignment.order_id == order.id).order_by(Assignment.id)
    return [(line.to_member_id, line.ended_at is None) for line in session.scalars(statement)]


def others(session, order):
    """The states of all other orders."""
    session.expire_all()
    return session.scalars(select(Order.status).where(Order.id != order.id).order_by(Order.id)).all()


def test_the_order_of_a_deleted_follow_up_can_be_assigned_again(
    session, login, client, consultant, colleague, given
):
    before = others(session, given)
    delete(login(consultant), "follow-ups", work_of(session, given))

    assert status(session, given) is OrderStatus.NEW
    assert f'data-pk="{given.id}"' in client.get("/orders/?tab=waiting").text
    assign(client, given, colleague)
    assert status(session, given) is OrderStatus.ASSIGNED
    assert ledger(session, given) == [(consultant.id, False), (colleague.id, True)]
    assert others(session, given) == before


def test_the_undo_gives_it_back_without_a_new_line(session, login, consultant, given):
    browser = login(consultant)
    url = delete(browser, "follow-ups", work_of(session, given))
    assert ledger(session, given) == [(consultant.id, False)]

    assert browser.post(url, headers=HTMX).status_code == 204
    assert status(session, given) is OrderStatus.ASSIGNED
    assert ledger(session, given) == [(consultant.id, True)]


def test_a_closed_order_stays_closed(session, client, given):
    work = work_of(session, given)
    work.status, given.status = FollowUpStatus.LOST, OrderStatus.LOST
    session.commit()

    url = delete(client, "follow-ups", work)
    assert status(session, given) is OrderStatus.LOST
    client.post(url, headers=HTMX)
    assert status(session, given) is OrderStatus.LOST


def test_an_order_that_is_restored_with_its_follow_up_stays_assigned(session, client, consultant, given):
    url = delete(client, "orders", given)

    assert client.post(url, headers=HTMX).status_code == 204
    assert status(session, given) is OrderStatus.ASSIGNED
    assert ledger(session, given) == [(consultant.id, True)]


def test_a_restored_follow_up_of_an_order_that_was_sold_meanwhile_is_won(
    session, client, consultant, given, course
):
    work = work_of(session, given)
    delete(client, "follow-ups", work)
    sale = lines((course, 1, ""), customer=given.customer_id, order=given.id, consultant=consultant.id)
    assert client.post("/sales/add", data=sale).status_code == 302

    restore(client, "follow-ups", work)
    row = work_of(session, given)
    assert (row.deleted_at, row.status, row.next_at) == (None, FollowUpStatus.WON, None)
    assert row.closed_at is not None
    assert status(session, given) is OrderStatus.WON


def test_the_first_of_two_deleted_follow_ups_comes_back(session, client, consultant, colleague, given):
    first = work_of(session, given)
    delete(client, "follow-ups", first)
    assign(client, given, colleague)
    delete(client, "follow-ups", work_of(session, given))

    restore(client, "follow-ups", first)
    assert status(session, given) is OrderStatus.ASSIGNED
    assert ledger(session, given) == [(consultant.id, False), (colleague.id, False), (consultant.id, True)]
