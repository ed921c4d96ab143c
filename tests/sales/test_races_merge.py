"""Two managers who merge the same customers, and an order that arrives while its customer is merged."""

from functools import partial

import pytest
from sqlalchemy import func, select

from models.customer import Customer
from models.customer_merge import CustomerMerge
from models.order import Order
from tests.factories import CustomerFactory, ProductFactory
from tests.support.racing import at_once

pytestmark = pytest.mark.postgresql

ROUNDS = 6


@pytest.fixture
def managers(arena):
    """Two managers, logged in."""
    for name in ("nasrin", "parviz"):
        arena.member("Manager", name)
    return [arena.browser("nasrin"), arena.browser("parviz")]


@pytest.fixture
def twins(arena):
    """A function that makes two customers: (key, number) of each, and what a manager sends to merge them."""

    def make():
        with arena.actor():
            people = [CustomerFactory() for _ in range(2)]
            known = [(each.id, each.mobile) for each in people]
            versions = ",".join(f"{each.id}:{each.row_version}" for each in people)
        return known, {"rowid": [key for key, _mobile in known], "versions": versions}

    return make


def test_one_of_two_managers_wins(arena, managers, twins):
    for number in range(1, ROUNDS + 1):
        _people, data = twins()
        answers = at_once(*(partial(each.post, "/customers/merge", data=data) for each in managers))

        assert sorted(answer.status_code for answer in answers) == [302, 409]
        assert arena.all(select(func.count(CustomerMerge.id))) == [(number,)]


def test_an_order_never_stays_with_a_merged_customer(arena, managers, twins):
    first, second = managers
    with arena.actor():
        product_id = ProductFactory().id
    for _ in range(ROUNDS):
        [(survivor, _mobile), (absorbed, mobile)], data = twins()
        order = {"mobile": mobile, "product": product_id, "quantity": "1"}
        answers = at_once(
            partial(first.post, "/customers/merge", data=data),
            partial(second.post, "/orders/add", data=order),
        )

        assert answers[1].status_code == 302
        merged = answers[0].status_code == 302
        owner = select(Order.customer_id).order_by(Order.id.desc()).limit(1)
        assert arena.all(owner) == [(survivor if merged else absorbed,)]
        living = select(Customer.id).where(Customer.mobile == mobile, Customer.deleted_at.is_(None))
        assert arena.all(living) == ([] if merged else [(absorbed,)])
