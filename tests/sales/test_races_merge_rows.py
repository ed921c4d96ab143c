"""Rows that are added to a customer while they are merged: they end with the survivor, or they are refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from sqlalchemy import select

from app.lib.clock import now
from app.services.account.token import make_token
from app.services.merge.merge import Wish, merge_customers
from app.services.merge.relations import MOVED
from models.account import TokenScope
from models.customer import Customer
from models.member import Member
from models.tenancy.scope import whole_organization
from tests.factories import CustomerFactory, FollowUpFactory
from tests.support.racing import at_once, wait_for_a_lock

pytestmark = pytest.mark.postgresql

ROUNDS = 8
REFUSED = {404, 409, 422}


@pytest.fixture
def manager(arena):
    return arena.member("Manager", "nasrin")


@pytest.fixture
def browser(arena, manager):
    return arena.browser("nasrin")


@pytest.fixture
def token(arena, manager):
    with arena.actor() as session:
        row = session.get(Member, manager)
        return make_token(row, name="race", scope=TokenScope.WRITE, days=1)[1]


@pytest.fixture
def people(arena, manager):
    """A function that makes two customers and a follow-up of the second one: their keys, and the key of this one."""

    def make():
        with arena.actor(manager):
            first, second = CustomerFactory(), CustomerFactory()
            follow_up = FollowUpFactory(order__customer=second, consultant_id=manager)
            return [first.id, second.id], follow_up.id

    return make


def phone(browser, _token, key, _follow_up):
    return browser.post("/customer-phones/add", data={"customer": str(key), "number": "02188776655"})


def phone_by_rest(browser, token, key, _follow_up):
    headers = {"Authorization": f"Bearer {token}"}
    body = {"customer": key, "number": "02188776655"}
    return browser.application.test_client().post("/api/v1/customer-phones/", json=body, headers=headers)


def address(browser, _token, key, _follow_up):
    return browser.post("/addresses/add", data={"customer": str(key), "line": "تازه"})


def attached(browser, _token, key, _follow_up):
    files = {"files": (BytesIO("یک متن".encode()), "نامه.txt")}
    return browser.post(f"/customers/{key}/files/add", data=files)


def task(browser, _token, key, _follow_up):
    data = {"_step": "run", "title": "تماس"}
    return browser.post(f"/customers/action/create_task/{key}", data=data)


def task_of_follow_up(browser, _token, _key, follow_up):
    data = {"_step": "run", "title": "تماس"}
    return browser.post(f"/follow-ups/action/create_task/{follow_up}", data=data)


each_act = pytest.mark.parametrize(
    "act", [phone, phone_by_rest, address, attached, task, task_of_follow_up], ids=lambda act: act.__name__
)


def merge(keys):
    return merge_customers(Wish(dict.fromkeys(keys, 1), {}), at=now())


def stray(arena, key):
    """The rows that still belong to the customer *key*, by table."""
    found = {}
    with arena.actor() as session, whole_organization(session):
        for each in MOVED:
            rows = session.scalars(
                select(each.model.id).where(each.of([key])), execution_options={"with_deleted": True}
            )
            if keys := rows.all():
                found[each.name] = keys
    return found


@each_act
def test_while_the_merge_is_under_way(arena, manager, browser, token, people, act):
    [first, second], follow_up = people()
    with ThreadPoolExecutor(1) as pool:
        with arena.actor(manager):
            merge([first, second])
            answer = pool.submit(act, browser, token, second, follow_up)
            wait_for_a_lock(answer)
        done = answer.result(timeout=30)

    assert done.status_code < 300 or done.status_code in {302, *REFUSED}
    assert stray(arena, second) == {}


@each_act
def test_at_the_same_time(arena, manager, browser, token, people, act):
    manager_browser = arena.browser("nasrin")
    for _ in range(ROUNDS):
        [first, second], follow_up = people()
        data = {"rowid": [first, second], "versions": f"{first}:1,{second}:1"}
        merged, done = at_once(
            lambda data=data: manager_browser.post("/customers/merge", data=data),
            lambda second=second, follow_up=follow_up: act(browser, token, second, follow_up),
        )

        assert done.status_code < 300 or done.status_code in {302, *REFUSED}
        survivor = arena.all(select(Customer.merged_into_id).where(Customer.id == second))
        assert survivor == [(first if merged.status_code == 302 else None,)]
        assert merged.status_code == 409 or stray(arena, second) == {}
