"""The consultant of the first order is told of a repeat that joins their follow-up, and no longer when it leaves it."""

import pytest

from app.services.assignment.assign import assign
from app.services.assignment.reassign import reassign
from models.follow_up import FollowUp
from models.member import Member
from models.organization import Organization, RepeatPolicy
from models.tenancy.scope import Actor, bind
from tests.factories import ProductFactory
from tests.notifications.steps import HTMX, kinds, told
from tests.panel.records.bulk_steps import work
from tests.sales.repeated.steps import decide, undo
from tests.support.orders import place

KIND = "repeated-orders.orders.repeat_decision.attached"
OWN = "follow-ups.follow_ups.consultant"


@pytest.fixture
def product(manager):
    return ProductFactory()


@pytest.fixture
def pair(session, product, manager, consultant):
    """A function that returns (follow-up of a first order of *whose*, key of its repeat)."""

    def made(whose=consultant, mobile="+989120000001"):
        first, repeat = place(product, day=-3, mobile=mobile), place(product, mobile=mobile)
        follow_up = assign(first, session.get_one(Member, whose.id), by=manager)
        session.commit()
        return follow_up.id, repeat.id

    return made


def attached(session, person):
    return [each for each in told(session, person) if each.kind == KIND]


def test_one_order_leads_to_the_follow_up(session, login, manager, consultant, colleague, pair):
    follow_up, repeat = pair()
    other, _repeat = pair(colleague, "+989120000002")
    assert decide(login(manager), "attach", repeat).status_code == 204

    [notice] = attached(session, consultant)
    assert (notice.row_id, notice.address) == (repeat, f"/follow-ups/show/{follow_up}")
    assert kinds(session, colleague) == [OWN]
    assert kinds(session, manager) == []
    assert other != follow_up
    page = login(consultant).get("/notifications/").text
    assert f'href="/follow-ups/show/{follow_up}"' in page
    assert "به پیگیری شما پیوست" in page
    assert login(consultant).get(notice.address).status_code == 200


def test_many_orders_are_one_for_each_consultant(session, login, manager, consultant, colleague, pair):
    keys = [pair(whose, f"+98912000000{n}")[1] for n, whose in enumerate((consultant, consultant, colleague))]
    decide(login(manager), "attach", *keys)

    assert [(each.count, each.row_id) for each in attached(session, consultant)] == [(2, None)]
    assert [(each.count, each.row_id) for each in attached(session, colleague)] == [(1, keys[2])]
    assert attached(session, consultant)[0].address == "/repeated-orders/?tab=attached"


def test_another_decision_tells_nothing_of_a_follow_up_that_it_joins(
    session, login, manager, consultant, pair
):
    _follow_up, repeat = pair()
    decide(login(manager), "not_repeat", repeat)

    assert attached(session, consultant) == []


def test_the_undo_takes_it_back_unless_it_was_read(session, login, manager, consultant, pair):
    browser, (_follow_up, repeat) = login(manager), pair()
    answer = decide(browser, "attach", repeat)
    assert undo(browser, answer).status_code == 204
    assert attached(session, consultant) == []

    answer = decide(browser, "attach", repeat)
    login(consultant).post("/notifications/read", headers=HTMX)
    assert undo(browser, answer).status_code == 204
    assert len(attached(session, consultant)) == 1


def test_the_undo_leaves_those_of_other_acts_and_members(
    session, login, manager, consultant, colleague, pair
):
    browser = login(manager)
    first, second = pair()[1], pair(mobile="+989120000002")[1]
    of_colleague = pair(colleague, "+989120000003")[1]
    decide(browser, "attach", first)
    decide(browser, "attach", of_colleague)
    answer = decide(browser, "attach", second)
    assert len(attached(session, consultant)) == 2
    undo(browser, answer)

    assert [each.row_id for each in attached(session, consultant)] == [first]
    assert len(attached(session, colleague)) == 1


def test_a_job_in_chunks_tells_once_and_its_undo_takes_all_back(
    session, login, organization, manager, consultant, pair, monkeypatch
):
    monkeypatch.setattr("app.panel.bulk.routes.MOST_AT_ONCE", 1)
    monkeypatch.setattr("app.panel.bulk.job.CHUNK", 2)
    for number in range(3):
        pair(mobile=f"+98912000000{number}")
    browser = login(manager)
    data = {"action": "attach", "_step": "run", "_all": "1", "_query": "tab=held"}
    browser.post("/repeated-orders/action_post", data=data, headers=HTMX)
    job = work(session, organization)
    assert [each.count for each in attached(session, consultant)] == [3]

    assert browser.post(job.form["@undo"], headers=HTMX).status_code == 204
    assert attached(session, consultant) == []


def test_the_policy_of_the_organisation_tells_too(session, login, organization, manager, consultant, product):
    session.get_one(Organization, organization.id).repeat_policy = RepeatPolicy.ATTACH
    first = place(product, day=-3)
    follow_up = assign(first, session.get_one(Member, consultant.id), by=manager)
    session.commit()
    repeat = place(product)
    session.commit()

    assert [(each.row_id, each.count) for each in attached(session, consultant)] == [(repeat.id, 1)]
    assert attached(session, consultant)[0].address == f"/follow-ups/show/{follow_up.id}"


def test_a_follow_up_that_went_to_another_is_out_of_reach(
    session, login, organization, manager, consultant, colleague, pair
):
    follow_up, repeat = pair()
    decide(login(manager), "attach", repeat)
    bind(session, Actor(organization.id, manager.id))
    reassign(session.get_one(FollowUp, follow_up), session.get_one(Member, colleague.id), by=manager)
    session.commit()

    page = login(consultant).get("/notifications/").text
    assert "به پیگیری شما پیوست" not in page
    assert f"/follow-ups/show/{follow_up}" not in page
