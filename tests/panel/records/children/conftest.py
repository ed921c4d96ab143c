"""Fixtures of children."""

import pytest

from models.customer import Address
from tests.factories import CustomerFactory, FollowUpFactory


@pytest.fixture
def customer(session, manager, consultant):
    """A customer of the consultant; another one beside them has an address of their own."""
    customer = FollowUpFactory(consultant_id=consultant.id).customer
    session.add(Address(customer_id=CustomerFactory().id, line="نشانی دیگری", is_default=True))
    session.flush()
    return customer


@pytest.fixture
def addresses(session, manager, customer):
    """Two addresses of the customer, the first is the default."""
    rows = [Address(customer_id=customer.id, line=f"کوچهٔ {number}") for number in (1, 2)]
    rows[0].is_default = True
    session.add_all(rows)
    session.flush()
    return rows
