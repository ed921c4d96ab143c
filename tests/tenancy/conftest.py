"""Rows that several members share and own, for the tests of what is whose."""

import random

import pytest

from app.lib.clock import now
from models.customer import Address, CustomerPhone
from models.dossier import DossierContact
from models.member import Member
from models.organization import Organization
from tests.factories import CustomerFactory, DossierFactory, FollowUpFactory, OrderFactory, member
from tests.support.makers import make_message

OWNERS = ("owner-0", "owner-1", "owner-2")


@pytest.fixture
def prepared(prepared_databases, request):
    """With the shared rows in it, where the test asks for them."""
    found = prepared_databases.of(request.fixturenames)
    if "shared_rows" not in request.fixturenames:
        return found
    return prepared_databases.with_rows(found, "shared_rows", add_shared_rows)


@pytest.fixture
def people(session, organization, manager, prepared):
    if prepared.has(OWNERS[0]):
        return [manager, *(session.get_one(Member, prepared.keys[name]) for name in OWNERS)]
    return [manager, *add_owners(organization)]


@pytest.fixture
def shared_rows(session, people):
    """Shared customers, deleted follow-ups, deleted customers and orders, rows of one's own making, messages."""


def add_owners(organization):
    return [member("Consultant", organization, name) for name in OWNERS]


def add_shared_rows(session, keys):
    owners = add_owners(session.get_one(Organization, keys["organization"]))
    people = [session.get_one(Member, keys["manager"]), *owners]
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
    session.flush()
    return {name: owner.id for name, owner in zip(OWNERS, owners, strict=True)}
