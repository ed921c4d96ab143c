"""The same races between programs: two processes of four threads each, as in production."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.assignment import Assignment
from models.customer import Customer
from models.order import Order
from models.product import Product
from tests.factories import CustomerFactory, OrderFactory, ProductFactory
from tests.support.racer import Racer

pytestmark = [pytest.mark.postgresql, pytest.mark.processes]

ROUNDS = 5
THREADS = 4


@pytest.fixture
def race(arena):
    """Sends one errand for each thread of both programs, and returns the sorted statuses."""
    names = [f"manager{number}" for number in range(THREADS)]
    for name in names:
        arena.member("Manager", name)
    racers = [Racer(arena.app.config, names) for _ in range(2)]
    for racer in racers:
        racer.wait()

    def run(url: str, *data: dict) -> list[int]:
        errands = [(name, url, data[number % len(data)]) for number, name in enumerate(names)]
        for racer in racers:
            racer.begin(errands)
        return sorted(code for racer in racers for code in racer.codes())

    yield run
    for racer in racers:
        racer.close()


def test_eight_clients_of_two_programs_get_one_winner_each_time(arena, race):
    people = [arena.member("Consultant", name) for name in ("sara", "amir")]
    with arena.actor():
        customer, product = CustomerFactory(), ProductFactory()
        orders = [OrderFactory(customer=customer, product=product).id for _ in range(ROUNDS)]
        product = product.id

    for turn, order in enumerate(orders):
        assigned = race(
            f"/orders/action/assign/{order}", *({"_step": "run", "member": who} for who in people)
        )
        coded = race("/products/add", {"title": "دوره", "code": f"C-{turn}", "is_active": "y"})
        placed = race("/orders/add", {"mobile": f"0935{turn:07d}", "product": product, "quantity": "1"})

        assert assigned == [302] + [409] * 7
        assert coded == [302] + [422] * 7
        assert placed == [302] * 8
        assert len(arena.all(select(Assignment.id).where(Assignment.order_id == order))) == 1
        assert len(arena.all(select(Product.id).where(Product.code == f"C-{turn}"))) == 1
        repeats = select(Order.is_repeat).join(Customer).where(Customer.mobile == f"+98935{turn:07d}")
        assert sorted(arena.all(repeats)) == [(False,)] + [(True,)] * 7
