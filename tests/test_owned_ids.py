"""What a member owns, read as a list of keys, is what the test of single rows says: no row more, no row less."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select

from app.lib.clock import now
from models.customer import Customer
from models.order import Order
from models.scope import LISTED, Acting, bind, listed_in, listing
from models.sms import SmsMessage
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, member
from tests.support.world import make_message

MODELS = (Customer, Order, SmsMessage)


def keys(session, statement, **options):
    return sorted(
        session.scalars(
            statement.with_only_columns(statement.column_descriptions[0]["entity"].id),
            execution_options=options,
        )
    )


@pytest.fixture
def people(session, organization, manager):
    return [manager, *(member("Consultant", organization, f"owner-{number}") for number in range(3))]


@pytest.fixture
def rows(session, people):
    """Shared customers, deleted follow-ups, deleted customers and orders, rows of one's own making, messages."""
    chance = random.Random(7)
    customers = [CustomerFactory(created_by_id=chance.choice(people).id) for _ in range(12)]
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


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("with_deleted", [False, True])
def test_are_the_rows_that_the_member_owns(session, organization, people, rows, model, with_deleted):
    found = []
    for person in people[1:]:
        bind(session, Acting(organization.id, person.id, own=True))
        one_by_one = keys(session, select(model), with_deleted=with_deleted)
        assert keys(session, listing(select(model)), with_deleted=with_deleted) == one_by_one
        found.append(one_by_one)
    assert all(found)
    assert len({tuple(each) for each in found}) == len(found)


@pytest.mark.parametrize("model", MODELS)
def test_are_all_rows_for_who_sees_all(session, organization, manager, rows, model):
    assert keys(session, listing(select(model))) == keys(session, select(model))


@pytest.mark.parametrize("model", MODELS)
def test_never_leave_the_organisation(session, stranger_organization, people, rows, model):
    bind(session, Acting(stranger_organization.id, people[1].id, own=True))

    assert keys(session, listing(select(model))) == []


def test_a_statement_made_of_lists_is_one(session):
    part = listing(select(Customer)).where(Customer.id > 1)

    assert listed_in(part, select(Order)) == {LISTED: frozenset({Customer})}


@pytest.mark.parametrize(
    "address",
    [
        "/customers/",
        "/orders/",
        "/customers/?q=کاشانی",
        "/orders/?tab=waiting",
        "/customers/?sort=city&end=1",
    ],
)
def test_a_consultants_list_reads_them(login, consultant, statements, address):
    FollowUpFactory(consultant_id=consultant.id)
    client = login(consultant)
    client.get("/account/")
    statements.clear()

    assert client.get(address).status_code == 200

    table = address.split("/")[1]
    read = [each for each in statements if f"FROM {table}" in each]
    assert read
    assert all(" UNION SELECT " in " ".join(each.split()) for each in read)


def test_a_single_row_is_tested_by_itself(session, login, consultant, statements):
    follow_up = FollowUpFactory(consultant_id=consultant.id)
    session.commit()
    client = login(consultant)
    statements.clear()

    assert client.get(f"/customers/show/{follow_up.customer_id}").status_code == 200
    assert not [each for each in statements if "FROM customers" in each and "UNION" in each]
