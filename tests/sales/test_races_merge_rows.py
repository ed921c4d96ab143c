"""Rows that are added to a customer while they are merged: they end with the survivor, or they are refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.lib.clock import now
from app.services.account.token import make_token
from app.services.merge.merge import Wish, merge_customers
from app.services.merge.relations import MOVED
from models.account import TokenScope
from models.customer import Customer
from models.member import Member
from models.result_title import ResultScope
from models.sms.template import SmsCategory
from models.tenancy.scope import whole_organization
from tests.factories import (
    CustomerFactory,
    FollowUpFactory,
    ResultTitleFactory,
    SaleFactory,
    SmsTemplateFactory,
)
from tests.support.racing import at_once, wait_for_a_lock

pytestmark = pytest.mark.postgresql

ROUNDS = 8
REFUSED = {404, 409, 422}
HTMX = {"HX-Request": "true"}


class Rows(NamedTuple):
    """The keys of what the second customer has, and their number."""

    follow_up: int
    order: int
    product: int
    sale: int
    mobile: str
    consultant: int


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
    """A function that makes two customers, the second one with a follow-up and a sale: their keys, and its rows."""

    def make():
        with arena.actor(manager):
            first, second = CustomerFactory(), CustomerFactory()
            work = FollowUpFactory(order__customer=second, consultant_id=manager)
            sale = SaleFactory(order__customer=second, consultant_id=manager)
            return [first.id, second.id], Rows(
                work.id, work.order_id, work.product_id, sale.id, second.mobile, manager
            )

    return make


@pytest.fixture
def titles(arena, manager):
    """The keys of a result whose SMS goes along, and of a result of the support."""
    with arena.actor(manager):
        template = SmsTemplateFactory(category=SmsCategory.PATTERN)
        call = ResultTitleFactory(sms_template_id=template.id)
        support = ResultTitleFactory(scope=ResultScope.SUPPORT)
        return call.id, support.id


def phone(browser, key, *_rest):
    return browser.post("/customer-phones/add", data={"customer": str(key), "number": "02188776655"})


def phone_by_rest(browser, key, _rows, token, _titles):
    headers = {"Authorization": f"Bearer {token}"}
    body = {"customer": key, "number": "02188776655"}
    return browser.application.test_client().post("/api/v1/customer-phones/", json=body, headers=headers)


def address(browser, key, *_rest):
    return browser.post("/addresses/add", data={"customer": str(key), "line": "تازه"})


def attached(browser, key, *_rest):
    files = {"files": (BytesIO("یک متن".encode()), "نامه.txt")}
    return browser.post(f"/customers/{key}/files/add", data=files)


def task(browser, key, *_rest):
    data = {"_step": "run", "title": "تماس"}
    return browser.post(f"/customers/action/create_task/{key}", data=data)


def task_of_follow_up(browser, _key, rows, *_rest):
    data = {"_step": "run", "title": "تماس"}
    return browser.post(f"/follow-ups/action/create_task/{rows.follow_up}", data=data)


def result_with_sms(browser, _key, rows, _token, titles):
    data = {"result_title": str(titles[0]), "token": str(uuid4())}
    return browser.post(f"/follow-ups/{rows.follow_up}/result", data=data, headers=HTMX)


def result_of_support(browser, _key, rows, _token, titles):
    data = {"result_title": str(titles[1]), "token": str(uuid4())}
    return browser.post(f"/support/{rows.sale}/result", data=data, headers=HTMX)


def order_by_rest(browser, _key, rows, token, _titles):
    headers = {"Authorization": f"Bearer {token}"}
    body = {"mobile": rows.mobile, "last_name": "احمدی", "product": rows.product}
    return browser.application.test_client().post("/api/v1/orders/", json=body, headers=headers)


def sale_by_hand(browser, _key, rows, *_rest):
    line = {"items-0-product": str(rows.product), "items-0-quantity": "1", "items-0-price": "100"}
    return browser.post(
        "/sales/add", data={"order": str(rows.order), "consultant": str(rows.consultant), **line}
    )


each_act = pytest.mark.parametrize(
    "act",
    [
        phone,
        phone_by_rest,
        address,
        attached,
        task,
        task_of_follow_up,
        result_with_sms,
        result_of_support,
        order_by_rest,
        sale_by_hand,
    ],
    ids=lambda act: act.__name__,
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
def test_without_a_merge_it_is_stored(browser, token, people, titles, act):
    [_first, second], rows = people()

    assert act(browser, second, rows, token, titles).status_code < 400


@each_act
def test_while_the_merge_is_under_way(arena, manager, browser, token, people, titles, act):
    [first, second], rows = people()
    with ThreadPoolExecutor(1) as pool:
        with arena.actor(manager):
            merge([first, second])
            answer = pool.submit(act, browser, second, rows, token, titles)
            wait_for_a_lock(answer)
        done = answer.result(timeout=30)

    assert done.status_code < 300 or done.status_code in {302, *REFUSED}
    assert stray(arena, second) == {}


@each_act
def test_at_the_same_time(arena, manager, browser, token, people, titles, act):
    manager_browser = arena.browser("nasrin")
    for _ in range(ROUNDS):
        [first, second], rows = people()
        data = {"rowid": [first, second], "versions": f"{first}:1,{second}:1"}
        merged, done = at_once(
            lambda data=data: manager_browser.post("/customers/merge", data=data),
            lambda second=second, rows=rows: act(browser, second, rows, token, titles),
        )

        assert done.status_code < 300 or done.status_code in {302, *REFUSED}
        survivor = arena.all(select(Customer.merged_into_id).where(Customer.id == second))
        assert survivor == [(first if merged.status_code == 302 else None,)]
        assert merged.status_code == 409 or stray(arena, second) == {}
