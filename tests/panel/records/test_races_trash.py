"""Restoring meets erasing, and two who restore meet: all of it comes back, or all of it goes."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from app.lib.clock import now
from app.panel.records.delete import soft_delete
from app.tasks.trash import purge_trash
from models.customer import Customer
from models.order import Order
from models.product import Product
from models.trash import TRASH_RETENTION
from tests.factories import CustomerFactory, OrderFactory, ProductFactory
from tests.support.racing import at_once

pytestmark = pytest.mark.postgresql

ROUNDS = 12


@pytest.fixture
def manager(arena) -> int:
    return arena.member("Manager", "nasrin")


def test_r19_a_restore_that_meets_the_purge_gets_all_or_nothing(arena, manager):
    browser = arena.browser("nasrin")

    def purge() -> None:
        with arena.app.app_context():
            purge_trash()

    for turn in range(ROUNDS):
        with arena.actor(manager) as session:
            customer, product = CustomerFactory(), ProductFactory()
            orders = [OrderFactory(customer=customer, product=product).id for _ in range(5)]
            batch = soft_delete(Customer, [customer.id])
            # Its time ends while the two are on their way, sooner or later among the rounds.
            ends = now() - TRASH_RETENTION + timedelta(milliseconds=8 * turn)
            for model in (Customer, Order):
                gone = update(model).where(model.delete_batch == batch).values(deleted_at=ends)
                session.execute(gone, execution_options={"with_deleted": True, "synchronize_session": False})
            key = customer.id

        answer, _ = at_once(partial(browser.post, f"/trash/restore/customers/{key}"), purge)

        states = {
            row.deleted_at
            for model, keys in ((Customer, [key]), (Order, orders))
            for row in arena.all(select(model.deleted_at).where(model.id.in_(keys)))
        }
        count = len(arena.all(select(Order.id).where(Order.id.in_(orders))))
        assert answer.status_code in {302, 404}
        assert states in ({None}, {ends}, set())
        assert count in {0, 5}


def test_two_who_restore_the_same_row_bring_it_back_once(arena, manager):
    arena.member("Manager", "parviz")
    browsers = [arena.browser("nasrin"), arena.browser("parviz")]
    for _turn in range(ROUNDS):
        with arena.actor(manager):
            key = ProductFactory().id
            soft_delete(Product, [key])

        answers = at_once(*(partial(each.post, f"/trash/restore/products/{key}") for each in browsers))

        [row] = arena.all(select(Product.deleted_at).where(Product.id == key))
        assert row.deleted_at is None
        assert {answer.status_code for answer in answers} <= {302, 404}


def test_of_two_rows_with_one_key_one_comes_back(arena, manager):
    arena.member("Manager", "parviz")
    browsers = [arena.browser("nasrin"), arena.browser("parviz")]
    for turn in range(ROUNDS):
        keys = []
        for _each in range(2):
            with arena.actor(manager):
                keys.append(ProductFactory(code=f"K-{turn}").id)
                soft_delete(Product, keys[-1:])

        acts = (partial(b.post, f"/trash/restore/products/{k}") for b, k in zip(browsers, keys, strict=True))
        answers = at_once(*acts)

        rows = arena.all(select(Product.deleted_at).where(Product.id.in_(keys)))
        assert [row.deleted_at for row in rows].count(None) == 1
        assert {answer.status_code for answer in answers} == {302}
