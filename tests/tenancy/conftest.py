"""Rows that several members share and own, for the tests of what is whose."""

import random

import pytest

from app.lib.clock import now
from models.customer import Address, CustomerPhone
from models.dossier import DossierContact
from tests.factories import CustomerFactory, DossierFactory, FollowUpFactory, OrderFactory, member
from tests.support.makers import make_message


@pytest.fixture
def people(session, organization, manager):
    return [manager, *(member("Consultant", organization, f"owner-{number}") for number in range(3))]


@pytest.fixture
def shared_rows(session, people):
    """Shared customers, deleted follow-ups, deleted customers and orders, rows of one's own making, messages."""
    chance = random.Random(7)
    customers = [CustomerFactory(created_by_id=chance.choice(people).id) for _ in range(12)]
    for customer in customers * 2:
        address = Address(customer_id=customer.id, line="خیابان یکم", created_by_id=chance.choice(people).id)
        session.add(address)
    for number, customer in enumerate(customers):
        session.add(CustomerPhone(customer_id=customer.id, number=f"0218877{number:04}"))
        if number % 2:
            dossier = DossierFactory(created_by_id=chance.choice(people).id)
            customer.dossier = customers[number - 1].dossier = dossier
            session.add(DossierContact(dossier_id=dossier.id, name=str(number)))
    customers[1].dossier = DossierFactory(created_by_id=people[0].id)
    session.flush()
    for number in range(40):
        order = OrderFactory(customer=chance.choice(customers), created_by_id=chance.choice(people).id)
        follow_up = FollowUpFactory(order=order, consultant_id=chance.choice(people).id)
        if number % 3 == 0:
            row = make_message(str(number), chance.choice(people).id, number)
            row.follow_up_id = follow_up.id
        if number % 4 == 0:
            follow_up.deleted_at = now()
        if number % 7 == 0:
            order.deleted_at = now()
    customers[0].deleted_at = now()
    session.commit()
