"""The foreign keys of a large demo: checked at its end, all of them, and unchanged afterwards."""

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from app.services.demo.foreign_keys import foreign_keys_at_the_end
from app.services.demo.rows import FILLED
from models.customer import Customer
from models.order import Order
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, OrderFactory

pytestmark = pytest.mark.postgresql
_KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated
    FROM pg_constraint WHERE contype = 'f' ORDER BY 1, 2
"""
UNKNOWN = 999_999_999


def keys(session):
    return session.connection().execute(text(_KEYS)).all()


def names(found, table):
    return {name for owner, name, *_rest in found if owner == table}


@pytest.fixture
def order(session, organization, manager):
    bind(session, Actor(organization.id, manager.id))
    return OrderFactory(customer=CustomerFactory())


def test_are_the_same_after_a_large_demo(app, session, monkeypatch):
    monkeypatch.setattr("app.services.demo.build.CHUNK", 5)
    before, dropped = keys(session), []

    def watched(*models):
        dropped.extend(models)
        return foreign_keys_at_the_end(*models)

    monkeypatch.setattr("app.services.demo.build.foreign_keys_at_the_end", watched)
    done = app.test_cli_runner().invoke(args=["demo", "--follow-ups", "20", "--organizations", "1"])

    assert done.exit_code == 0, done.output
    assert dropped == list(FILLED)
    assert keys(session) == before
    assert all(each[3] for each in before)


def test_stay_in_place_for_a_small_demo(app, session, monkeypatch):
    monkeypatch.setattr("app.services.demo.build.foreign_keys_at_the_end", None)

    done = app.test_cli_runner().invoke(args=["demo", "--follow-ups", "5", "--organizations", "1"])

    assert done.exit_code == 0, done.output


def test_are_off_in_the_block_for_the_named_tables_alone(session, order):
    before = keys(session)

    with foreign_keys_at_the_end(Order):
        inside = keys(session)

    assert names(inside, "orders") == set()
    assert names(inside, "customers") == names(before, "customers") != set()
    assert keys(session) == before


@pytest.mark.parametrize("column", ["customer_id", "product_id", "created_by_id"])
def test_find_a_row_that_refers_to_nothing(session, order, column):
    before = keys(session)
    session.commit()

    with pytest.raises(IntegrityError), foreign_keys_at_the_end(Order):
        session.connection().execute(update(Order.__table__).values({column: UNKNOWN}))
    session.rollback()

    assert keys(session) == before
    assert getattr(session.get_one(Order, order.id), column) != UNKNOWN


def test_are_back_after_an_error_in_the_block(session, order):
    before = keys(session)
    session.commit()

    with pytest.raises(ZeroDivisionError), foreign_keys_at_the_end(Order, Customer):
        raise ZeroDivisionError
    session.rollback()

    assert keys(session) == before
