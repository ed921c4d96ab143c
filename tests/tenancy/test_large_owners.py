"""Lists of members who own a large part of a table: the same rows as for all others, found in another way."""

import pytest
from sqlalchemy import inspect, select

from app.lib.clock import now
from models.follow_up import FollowUp
from models.order import Order, OrderStatus
from models.sale import Sale
from models.tenancy import large_owners
from models.tenancy.criteria import tenant_models
from models.tenancy.large_owners import READS_LIST, owns_many
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, SaleFactory, member
from tests.panel.lists.table_steps import rows
from tests.tenancy.test_owned_ids import MODELS, SMALL, keys

SHOWING = [model for model in tenant_models() if model.__shows__]


@pytest.fixture
def everybody_is_large(monkeypatch):
    monkeypatch.setattr(large_owners, "MANY", 0)


@pytest.mark.parametrize("model", [*MODELS, *SMALL])
@pytest.mark.parametrize("with_deleted", [False, True])
def test_have_the_rows_that_others_have(
    session, organization, people, shared_rows, everybody_is_large, statements, model, with_deleted
):
    found = []
    for person in people[1:]:
        bind(session, Actor(organization.id, person.id, own=True))
        by_keys = keys(session, select(model.id), with_deleted=with_deleted)
        assert "UNION" in statements[-1]
        tested = keys(session, select(model.id), with_deleted=with_deleted, **{READS_LIST: True})
        assert "UNION" not in statements[-1]
        assert tested == by_keys
        found.append(tested)
    assert all(found)
    assert len({tuple(each) for each in found}) == len(found)


@pytest.mark.parametrize(
    "address", ["/customers/", "/orders/", "/customers/?sort=city", "/orders/?sort=ordered_at"]
)
def test_see_the_same_page(session, login, consultant, colleague, monkeypatch, address):
    cities = iter(["سقز", "بانه", "مریوان", "دیواندره", "کامیاران"])
    for owner in (consultant, colleague, consultant):
        order = OrderFactory(customer=CustomerFactory(city=next(cities)))
        FollowUpFactory(order=order, consultant_id=owner.id)
    deleted = FollowUpFactory(
        order=OrderFactory(customer=CustomerFactory(city=next(cities))), consultant_id=consultant.id
    )
    deleted.deleted_at = now()
    session.commit()
    client = login(consultant)
    by_keys = client.get(address).text
    large_owners.forget_large_owners()
    monkeypatch.setattr(large_owners, "MANY", 0)

    tested = client.get(address).text

    assert rows(tested) == rows(by_keys) == 2
    assert [each in tested for each in ("سقز", "بانه", "مریوان", "دیواندره")] == [
        each in by_keys for each in ("سقز", "بانه", "مریوان", "دیواندره")
    ]


@pytest.mark.parametrize("model", SHOWING)
def test_parents_that_a_row_shows_are_own_rows(session, organization, people, shared_rows, model):
    for number, order in enumerate(session.scalars(select(Order)).all()):
        SaleFactory(order=order, consultant_id=people[number % len(people)].id)
    session.commit()
    for person in people[1:]:
        bind(session, Actor(organization.id, person.id, own=True))
        for name in model.__shows__:
            relation = inspect(model).relationships[name]
            parents = set(session.scalars(select(next(iter(relation.local_columns))).select_from(model)))
            live = set(keys(session, select(relation.mapper.class_.id), with_deleted=True))
            assert parents
            assert parents <= live


def test_are_declared_for_the_rows_that_consultants_filter():
    assert {model: tuple(model.__shows__) for model in SHOWING} == {
        FollowUp: ("order", "customer"),
        Sale: ("customer",),
    }


def test_a_filter_by_a_parent_finds_own_rows_alone(session, login, consultant, colleague, statements):
    mine, theirs, other = (OrderFactory(status=OrderStatus.WON) for _ in range(3))
    other.status = OrderStatus.LOST
    for order, owner in ((mine, consultant), (theirs, colleague), (other, consultant)):
        FollowUpFactory(order=order, consultant_id=owner.id)
    session.commit()
    client = login(consultant)
    statements.clear()

    page = client.get("/follow-ups/?tab=all&f_order.status=won").text

    read = [each for each in statements if "orders.status IN" in each]
    assert read
    assert not any("UNION" in each for each in read)
    assert rows(page) == 1
    assert str(mine.customer) in page


def test_a_parent_that_is_not_own_is_found_by_no_filter(session, login, consultant, colleague):
    """An order of their own making, whose customer they do not see."""
    hidden, seen = (CustomerFactory(city="بوکان", last_name=name) for name in ("نهان", "پیدا"))
    for customer, owner in ((hidden, colleague), (seen, consultant)):
        FollowUpFactory(order=OrderFactory(customer=customer), consultant_id=owner.id)
    OrderFactory(customer=hidden, created_by_id=consultant.id)
    session.commit()
    client = login(consultant)

    page = client.get("/orders/?tab=all").text
    assert rows(page) == 2
    assert ("نهان" in page, "پیدا" in page) == (False, True)
    assert rows(client.get("/orders/?tab=all&f_customer.city=بوکان").text) == 1


class TestOwnsMany:
    @pytest.fixture(autouse=True)
    def _three(self, session, consultant, colleague, monkeypatch):
        monkeypatch.setattr(large_owners, "MANY", 2)
        for _ in range(2):
            FollowUpFactory(consultant_id=consultant.id)
        for _ in range(3):
            FollowUpFactory(consultant_id=colleague.id)
        FollowUpFactory(consultant_id=consultant.id).deleted_at = now()
        session.commit()

    def test_counts_live_rows_of_one_member(self, session, organization, consultant, colleague):
        assert not owns_many(session, organization.id, consultant.id)
        assert owns_many(session, organization.id, colleague.id)

    @pytest.mark.parametrize("factory", [CustomerFactory, OrderFactory])
    def test_counts_rows_of_their_making(self, session, organization, consultant, factory):
        person = member("Consultant", organization, "maker")
        for _ in range(3):
            factory(created_by_id=person.id)
        session.commit()

        assert owns_many(session, organization.id, person.id)
        assert not owns_many(session, organization.id, consultant.id)

    def test_is_asked_once(self, session, organization, consultant, colleague, statements):
        for _ in range(2):
            for person in (consultant, colleague):
                owns_many(session, organization.id, person.id)

        assert len([each for each in statements if "EXISTS" in each]) == 2
