"""What an import does not ask the database and does not build, because nothing reads it."""

import pytest

from app.services.audit.record import muted
from models.customer import CustomerPhone
from tests.factories import CustomerFactory, ProductFactory
from tests.support.orders import place, take_in

HEADINGS = "موبایل,محصول,تاریخ\n"
NEW = HEADINGS + "09121110001,K-1,1405/06/01\n09121110002,K-1,1405/06/01\n"
MIXED = HEADINGS + "09121110001,K-1,1405/06/02\n09121110003,K-1,1405/06/02\n"


@pytest.fixture
def product(manager):
    return ProductFactory(code="K-1")


def _of_past(statements):
    tables = ("orders", "sales", "follow_ups")
    return [
        each for each in statements if each.startswith(tuple(f"SELECT {name}.customer_id" for name in tables))
    ]


def test_the_past_of_new_customers_is_not_looked_up(product, statements):
    statements.clear()
    job = take_in(NEW)
    assert (job.accepted, job.new_customers, job.repeated) == (2, 2, 0)
    assert _of_past(statements) == []


def test_the_past_of_a_known_customer_beside_a_new_one_is(product, statements):
    take_in(NEW)
    statements.clear()
    job = take_in(MIXED)
    assert (job.accepted, job.new_customers, job.repeated) == (2, 1, 1)
    assert len(_of_past(statements)) == 2


def test_a_new_customer_who_orders_twice_in_one_file_repeats(product):
    job = take_in(HEADINGS + "09121110001,K-1,1405/06/01\n09121110001,K-1,1405/06/02\n")
    assert (job.new_customers, job.repeated) == (1, 1)


def test_a_former_mobile_finds_the_past_of_its_customer(session, product):
    customer = CustomerFactory(mobile="+989125550000")
    place(product, mobile=customer.mobile)
    for number, was_mobile in (("+989121110001", True), ("+989121110002", False)):
        session.add(CustomerPhone(customer=customer, number=number, was_mobile=was_mobile))
    session.flush()
    job = take_in(HEADINGS + "09121110001,K-1,\n09121110002,K-1,\n")
    assert (job.accepted, job.new_customers, job.repeated) == (2, 1, 1)


def test_changes_that_are_not_recorded_are_not_described(product, monkeypatch):
    def refuse(*_given, **_named):
        raise AssertionError

    monkeypatch.setattr("app.services.order.write.note", refuse)
    with muted():
        assert place(product).id
    with pytest.raises(AssertionError):
        place(product, mobile="+989121110009")
