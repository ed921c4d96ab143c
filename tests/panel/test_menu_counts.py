"""The numbers of the menu come with the answer of the act that changes them."""

import json
from datetime import timedelta

import pytest

from app.lib.clock import now
from models.order import OrderStatus
from tests.factories import FollowUpFactory, OrderFactory, ProductFactory, ResultTitleFactory, member

HTMX = {"HX-Request": "true"}
DUE = {"next_at": now() - timedelta(hours=1)}


def counts(answer):
    assert answer.status_code == 204, answer.text[:500]
    found = json.loads(answer.headers["X-Menu-Counts"])
    return {"/follow-ups/": found["/follow-ups/"]}


@pytest.fixture
def three_due(session, consultant, colleague):
    """Three due follow-ups of the consultant, beside a colleague's."""
    FollowUpFactory(consultant_id=colleague.id, **DUE)
    return [FollowUpFactory(consultant_id=consultant.id, **DUE) for _ in range(3)]


def test_after_a_result(login, session, consultant, three_due):
    title = ResultTitleFactory()
    form = {"result_title": title.id, "note": "", "next_at": ""}

    answer = login(consultant).post(f"/follow-ups/{three_due[0].id}/result", data=form, headers=HTMX)

    assert counts(answer) == {"/follow-ups/": "۲"}


def test_after_a_deletion_and_its_undo(login, session, consultant, three_due):
    browser = login(consultant)

    answer = browser.post(f"/follow-ups/action/remove/{three_due[0].id}", data={"_step": "run"}, headers=HTMX)
    undo = json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"]

    assert counts(answer) == {"/follow-ups/": "۲"}
    assert counts(browser.post(undo, headers=HTMX)) == {"/follow-ups/": "۳"}


def test_of_nothing_left_is_empty(login, session, consultant):
    key = FollowUpFactory(consultant_id=consultant.id, **DUE).id

    answer = login(consultant).post(f"/follow-ups/action/remove/{key}", data={"_step": "run"}, headers=HTMX)

    assert counts(answer) == {"/follow-ups/": ""}


def test_after_an_assignment(login, session, manager, consultant):
    order = OrderFactory(status=OrderStatus.NEW)
    FollowUpFactory(consultant_id=consultant.id, **DUE)
    data = {"action": "assign", "_step": "run", "rowid": [str(order.id)], "member": str(consultant.id)}

    answer = login(manager).post("/orders/action_post", data=data, headers=HTMX)

    # A new follow-up is not due yet, and the manager's number has all consultants' rows.
    assert counts(answer) == {"/follow-ups/": "۱"}


def test_are_the_same_as_those_of_the_next_page(login, session, consultant, three_due):
    browser = login(consultant)
    answer = browser.post(f"/follow-ups/action/remove/{three_due[0].id}", data={"_step": "run"}, headers=HTMX)

    entry = browser.get("/account/").text.partition('href="/follow-ups/"')[2].partition("</a>")[0]
    assert f'data-count="/follow-ups/">{counts(answer)["/follow-ups/"]}</span>' in entry


def test_are_of_the_entries_that_the_member_has(login, session, organization, manager):
    agent = login(member("SupportAgent", organization))
    ProductFactory()

    answer = agent.post("/products/table", data={"column": ["title"]}, headers=HTMX)

    assert "HX-Trigger" not in answer.headers


def test_cost_one_statement(login, session, consultant, three_due, statements):
    browser = login(consultant)
    key = three_due[0].id
    browser.post(f"/follow-ups/action/remove/{three_due[1].id}", data={"_step": "run"}, headers=HTMX)
    statements.clear()

    browser.post(f"/follow-ups/action/remove/{key}", data={"_step": "run"}, headers=HTMX)

    assert len([each for each in statements if "count(" in each.lower()]) == 1
