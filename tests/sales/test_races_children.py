"""Two people on the children of one customer: one of them has the flag, whatever the interleaving."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import select

from models.customer import Address, CustomerPhone
from tests.factories import CustomerFactory
from tests.support.racing import at_once

pytestmark = pytest.mark.postgresql

ROUNDS = 15


@pytest.fixture
def managers(arena):
    for name in ("nasrin", "parviz"):
        arena.member("Manager", name)
    return [arena.browser("nasrin"), arena.browser("parviz")]


@pytest.fixture
def customers(arena):
    """Customers with three addresses each, the first is the default."""
    with arena.actor() as session:
        keys = [CustomerFactory().id for _ in range(ROUNDS)]
        for key in keys:
            session.add_all(Address(customer_id=key, line=str(n), is_default=n == 0) for n in range(3))
    return keys


def defaults(arena, key):
    mine = Address.customer_id == key, Address.is_default, Address.deleted_at.is_(None)
    return [line for (line,) in arena.all(select(Address.line).where(*mine))]


def keys_of(arena, key):
    return [
        pk for (pk,) in arena.all(select(Address.id).where(Address.customer_id == key).order_by(Address.id))
    ]


def test_two_defaults_at_once_leave_one(arena, managers, customers):
    for key in customers:
        _first, second, third = keys_of(arena, key)

        answers = at_once(
            partial(managers[0].post, f"/addresses/{second}/flag"),
            partial(managers[1].post, f"/addresses/{third}/flag"),
        )

        assert [answer.status_code for answer in answers] == [302, 302]
        assert len(defaults(arena, key)) == 1


def test_a_default_that_is_deleted_while_another_is_added_leaves_one(arena, managers, customers):
    for key in customers:
        first = keys_of(arena, key)[0]
        form = {"customer": str(key), "line": "تازه", "is_default": "y"}

        answers = at_once(
            partial(managers[0].post, f"/addresses/delete/{first}"),
            partial(managers[1].post, "/addresses/add", data=form),
        )

        assert [answer.status_code for answer in answers] == [302, 302]
        assert defaults(arena, key) == ["تازه"]


def test_two_first_addresses_at_once_have_one_default(arena, managers):
    with arena.actor():
        keys = [CustomerFactory().id for _ in range(ROUNDS)]
    for key in keys:
        forms = [{"customer": str(key), "line": line} for line in ("یک", "دو")]

        answers = at_once(
            *(
                partial(each.post, "/addresses/add", data=form)
                for each, form in zip(managers, forms, strict=True)
            )
        )

        assert [answer.status_code for answer in answers] == [302, 302]
        assert len(defaults(arena, key)) == 1


def test_a_number_that_two_add_at_once_stands_once(arena, managers):
    with arena.actor():
        keys = [CustomerFactory().id for _ in range(ROUNDS)]
    for key in keys:
        form = {"customer": str(key), "number": "02188776655"}

        answers = at_once(*(partial(each.post, "/customer-phones/add", data=form) for each in managers))

        assert sorted(answer.status_code for answer in answers) == [302, 422]
        assert len(arena.all(select(CustomerPhone.id).where(CustomerPhone.customer_id == key))) == 1
