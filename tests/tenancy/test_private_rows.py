"""`__private__` on a model that does not use it: its members read the rows, and no role sees those of others."""

import pytest
from sqlalchemy import select

from app.services.account.token import make_token
from models.account import TokenScope
from models.audit.event import AuditEvent
from models.order import Order
from models.product import Product
from models.tenancy import criteria
from models.tenancy.scope import Actor, bind, whole_organization
from tests.factories import OrderFactory, ProductFactory, member


def forget():
    """Forget the conditions that were made for other rules."""
    for each in (criteria.private_models, criteria._reaches_private, criteria._criterion):
        each.cache_clear()
    criteria._CACHE.clear()


@pytest.fixture
def private(monkeypatch):
    """Products belong to those who added them."""
    monkeypatch.setattr(Product, "__private__", True)
    monkeypatch.setattr(Product, "owned_by", classmethod(lambda cls, key: cls.created_by_id == key))
    forget()
    yield
    monkeypatch.undo()
    forget()


@pytest.fixture
def other(session, organization, manager):
    return member("Manager", organization, "other")


@pytest.fixture
def products(session, organization, manager, other, private):
    """A product of each of the two managers."""
    found = []
    for person in (manager, other):
        bind(session, Actor(organization.id, person.id))
        found.append(ProductFactory(title=f"کتاب {person.id}", code=f"B-{person.id}"))
    session.commit()
    return found


def test_a_manager_sees_only_their_own_rows_on_every_path(
    session, login, organization, manager, other, products
):
    mine, theirs = (each.id for each in products)
    _row, secret = make_token(manager, name="x", scope=TokenScope.WRITE, days=1)
    session.commit()
    browser, headers = login(manager), {"Authorization": f"Bearer {secret}"}

    page = browser.get("/products/?q=کتاب").text
    assert (f'data-pk="{mine}"' in page, f'data-pk="{theirs}"' in page) == (True, False)
    assert browser.get(f"/products/show/{theirs}").status_code == 404
    assert browser.post(f"/products/delete/{theirs}").status_code == 404
    assert browser.get(f"/api/v1/products/{theirs}", headers=headers).status_code == 404
    assert {
        each["id"] for each in browser.get("/api/v1/products/?q=کتاب", headers=headers).json["items"]
    } == {mine}
    assert f"کتاب {other.id}" not in browser.get("/palette/rows?q=کتاب").text
    assert f"کتاب {other.id}" not in browser.get("/orders/lookup/product?q=کتاب").text


def test_a_program_reads_them_only_where_it_says_so(session, organization, products):
    bind(session, Actor(organization.id))
    keys = [each.id for each in products]
    named = select(Product.id).where(Product.id.in_(keys))
    assert session.scalars(named).all() == []
    with whole_organization(session):
        assert sorted(session.scalars(named)) == sorted(keys)


def test_rows_that_refer_to_them_stay_readable(session, organization, manager, products):
    bind(session, Actor(organization.id, manager.id))
    mine, theirs = products
    orders = [OrderFactory(product_id=key).id for key in (mine.id,)]
    assert set(orders) <= set(session.scalars(select(Order.id)))
    assert session.get(Product, theirs.id, populate_existing=True) is None


def test_no_event_has_their_values(session, login, organization, manager, products):
    mine = products[0]
    login(manager).post(
        f"/products/edit/{mine.id}",
        data={"title": "پنهان", "code": mine.code, "price": "1000", "is_active": "y"},
    )
    bind(session, Actor(organization.id, manager.id))
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).all()
    assert events == [] or all("پنهان" not in f"{each.after}" for each in events)


def test_the_statement_of_another_table_is_one_for_all_readers(session, organization, manager, other):
    statement = select(AuditEvent.id)
    for person in (manager, other):
        bind(session, Actor(organization.id, person.id))
        session.scalars(statement).all()
    assert len(criteria._CACHE[statement]) == 1
