"""Fixtures of sales."""

import pytest

from app.services.account.token import make_token
from app.tasks.imports import run_import_job
from models.account import TokenScope
from models.customer import CustomerPhone
from models.product import Product
from tests.factories import CustomerFactory, ProductFactory, SaleFactory, TransactionFactory, member
from tests.sales.by_hand import lines


@pytest.fixture
def product(manager) -> Product:
    return ProductFactory()


@pytest.fixture
def sale(session, consultant):
    """A sale of the consultant of a million rials, with a payment that waits."""
    row = SaleFactory(consultant_id=consultant.id, amount=1_000_000, discount=200_000)
    TransactionFactory(sale=row, amount=400_000, reference="774120", created_by_id=consultant.id)
    session.commit()
    return row


@pytest.fixture
def support(session, manager, organization):
    return member("SupportAgent", organization)


@pytest.fixture
def course(session, manager) -> Product:
    return ProductFactory(title="دوره", price=20_000_000)


@pytest.fixture
def book(session, manager) -> Product:
    return ProductFactory(title="کتاب", price=1_500_000)


@pytest.fixture
def buyer(session, manager, course, book):
    row = CustomerFactory(mobile="09121112233")
    session.commit()
    return row


@pytest.fixture
def client(login, manager):
    return login(manager)


@pytest.fixture
def add_sale(client, consultant, buyer, course):
    """Adds a sale by hand, of a course unless lines are given."""

    def send(*given, **more):
        fields = {"customer": buyer.id, "consultant": consultant.id} | more
        data = lines(*(given or [(course, 1, "")]), **fields)
        return client.post("/sales/add", data=data)

    return send


@pytest.fixture
def twins(manager, session):
    """Two customers who share a number, beside one who shares none."""
    first = CustomerFactory(first_name="علی", last_name="رضایی", city="قم")
    second = CustomerFactory(first_name="علي", last_name="رضا‌ئی", city="یزد")
    CustomerFactory(first_name="تنها", last_name="مانده", city="قم")
    session.add(CustomerPhone(customer_id=second.id, number=first.mobile))
    session.commit()
    return [first, second]


@pytest.fixture
def call_as(app, session):
    """A function that returns one which calls the API as a member: ``call_as(manager)("GET", "customers/5")``."""

    def of(person):
        _row, secret = make_token(person, name="آزمون", scope=TokenScope.WRITE, days=1)
        session.commit()
        client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}

        def call(method, path, sent=None, **more):
            return client.open(f"/api/v1/{path}", method=method, json=sent, headers=headers | more)

        return call

    return of


@pytest.fixture
def importer(login, manager, session, monkeypatch):
    """The manager's browser, with a product that files name; imports wait for a worker that the test is."""
    monkeypatch.setattr(run_import_job, "delay", lambda *_ids: None)
    ProductFactory(title="کتاب کار", code="K-1")
    session.commit()
    return login(manager)
