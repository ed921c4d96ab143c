"""The undo of an assignment meets another undo, a result or a reassignment: the work has one consultant, the ledger one way back."""

from __future__ import annotations

import json
from functools import partial

import pytest
from sqlalchemy import select

from models.assignment import Assignment
from models.follow_up import FollowUp, FollowUpEntry
from models.order import Order, OrderStatus
from tests.factories import CustomerFactory, OrderFactory, ProductFactory, ResultTitleFactory
from tests.support.racing import at_once

pytestmark = pytest.mark.postgresql

ROUNDS = 8
HTMX = {"HX-Request": "true"}


@pytest.fixture
def people(arena):
    """A manager and a consultant, logged in, with the key of the consultant and of a colleague."""
    arena.member("Manager", "nasrin")
    keys = arena.member("Consultant", "sara"), arena.member("Consultant", "amir")
    return arena.browser("nasrin"), arena.browser("sara"), *keys


@pytest.fixture
def rounds(arena, people):
    """For each round an order and the address that undoes its assignment."""
    browser, _consultant, key, _colleague = people
    with arena.actor():
        customer, product = CustomerFactory(), ProductFactory()
        orders = [OrderFactory(customer=customer, product=product).id for _ in range(ROUNDS)]

    def assigned():
        for order in orders:
            data = {"_step": "run", "member": key}
            answer = browser.post(f"/orders/action/assign/{order}", data=data, headers=HTMX)
            yield order, json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"]

    return assigned


def _state(arena, order):
    [status] = arena.all(select(Order.status).where(Order.id == order))
    living = arena.all(
        select(FollowUp.consultant_id).where(FollowUp.order_id == order, FollowUp.deleted_at.is_(None))
    )
    lines = arena.all(
        select(Assignment.undone_at, Assignment.undoes_id, Assignment.ended_at).where(
            Assignment.order_id == order
        )
    )
    return status[0], [row[0] for row in living], lines


def test_two_undos_write_one_line(arena, people, rounds):
    browser = people[0]
    again = arena.browser("nasrin")
    for order, url in rounds():
        answers = at_once(*(partial(each.post, url, headers=HTMX) for each in (browser, again)))

        status, living, lines = _state(arena, order)
        assert [answer.status_code for answer in answers] == [204, 204]
        levels = [json.loads(answer.headers["HX-Trigger"])["toast"]["level"] for answer in answers]
        assert sorted(levels) == ["danger", "success"]
        assert (status, living) == (OrderStatus.NEW, [])
        assert len(lines) == 2
        assert [line.undoes_id for line in lines if line.undoes_id] != []


def test_an_undo_and_a_result_end_in_one_of_both(arena, people, rounds):
    browser, consultant, key, _colleague = people
    with arena.actor():
        title = ResultTitleFactory().id
    for order, url in rounds():
        [[follow_up]] = arena.all(select(FollowUp.id).where(FollowUp.order_id == order))
        sent = {"result_title": title, "note": "گفت‌وگو شد"}

        undo, result = at_once(
            partial(browser.post, url, headers=HTMX),
            partial(consultant.post, f"/follow-ups/{follow_up}/result", data=sent, headers=HTMX),
        )

        status, living, lines = _state(arena, order)
        entries = arena.all(select(FollowUpEntry.id).where(FollowUpEntry.follow_up_id == follow_up))
        assert undo.status_code == 204
        assert result.status_code in {204, 404, 409}
        if entries:
            assert (status, living, len(lines)) == (OrderStatus.ASSIGNED, [key], 1)
            assert json.loads(undo.headers["HX-Trigger"])["toast"]["level"] == "danger"
        else:
            assert (status, living, len(lines)) == (OrderStatus.NEW, [], 2)


def test_an_undo_and_a_reassignment_end_in_one_of_both(arena, people, rounds):
    browser, _consultant, _key, colleague = people
    again = arena.browser("nasrin")
    for order, url in rounds():
        undo, moved = at_once(
            partial(browser.post, url, headers=HTMX),
            partial(
                again.post,
                f"/orders/action/reassign/{order}",
                data={"_step": "run", "member": colleague},
                headers=HTMX,
            ),
        )

        status, living, lines = _state(arena, order)
        assert undo.status_code == 204
        assert moved.status_code in {204, 404, 409, 422}
        expected = [colleague] if status is OrderStatus.ASSIGNED else []
        assert living == expected
        assert sum(line.ended_at is None for line in lines) == len(expected)
