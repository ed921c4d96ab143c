"""A rule across fields: asked by every way in which a row is written, and nothing is stored that breaks it."""

import pytest
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.errors import DomainError, Refusals
from app.services.account.token import make_token
from models.account import TokenScope
from models.customer import Customer
from models.job import BulkFailure
from models.product import Product
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, ProductFactory
from tests.panel.records.bulk_steps import work
from views.organization.product import Products

NEEDS_PRICE = "محصول فعال باید قیمت داشته باشد."
NEEDS_PROVINCE = "شهر بدون استان نمی‌شود."


@pytest.fixture
def rule(monkeypatch):
    """Products have a rule of the section, customers one of the model."""

    def of_products(_section, item):
        if item.is_active and not item.price:
            raise DomainError(_l(NEEDS_PRICE), field="price")

    def of_customers(item):
        if item.city and not item.province:
            raise DomainError(_l(NEEDS_PROVINCE), field="province")

    monkeypatch.setattr(Products, "check", of_products)
    monkeypatch.setattr(Customer, "check", of_customers, raising=False)


@pytest.fixture
def products(session, manager):
    rows = [ProductFactory(title=f"زبان {number}", price=number, is_active=True) for number in (1, 2)]
    free = ProductFactory(title="رایگان", price=None, is_active=False)
    session.commit()
    return [*rows, free]


def stored(session, organization, model=Product):
    bind(session, Actor(organization.id))
    session.expire_all()
    return list(session.scalars(select(model).order_by(model.id)))


def headers_of(session, person):
    _row, secret = make_token(person, name="آزمون", scope=TokenScope.WRITE, days=1)
    session.commit()
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.usefixtures("rule")
class TestE10Rule:
    def test_refuses_a_new_row_beside_its_field_and_stores_nothing(
        self, session, login, manager, organization
    ):
        before = len(stored(session, organization))
        sent = {"title": "دوره", "code": "N-1", "price": "", "is_active": "y"}

        answer = login(manager).post("/products/add", data=sent)

        assert answer.status_code == 422
        error = answer.text.split('id="price-error"')[1]
        assert NEEDS_PRICE in error.split("</p>")[0]
        assert 'value="N-1"' in answer.text
        assert len(stored(session, organization)) == before

    def test_takes_a_row_that_follows_it(self, session, login, manager, organization):
        sent = {"title": "دوره", "code": "N-1", "price": "", "is_active": ""}

        assert login(manager).post("/products/add", data=sent).status_code == 302
        assert stored(session, organization)[-1].code == "N-1"

    def test_refuses_a_change(self, session, login, manager, organization, products):
        sent = {"title": "نو", "code": products[0].code, "price": "", "is_active": "y"}

        answer = login(manager).post(f"/products/edit/{products[0].id}", data=sent)

        assert answer.status_code == 422
        assert NEEDS_PRICE in answer.text
        assert {row.title for row in stored(session, organization)}.isdisjoint({"نو"})

    @pytest.mark.parametrize("method", ["post", "put"])
    def test_refuses_programs(self, app, session, manager, organization, products, method):
        headers, row = headers_of(session, manager), products[0]
        body = {"title": "نو", "code": "N-1", "price": None, "is_active": True}
        path = "/api/v1/products/"
        if method == "put":
            path += str(row.id)
            headers["If-Match"] = app.test_client().get(path, headers=headers).headers["ETag"]

        answer = getattr(app.test_client(), method)(path, headers=headers, json=body)

        assert answer.status_code == 409
        assert answer.json["errors"] == {"price": [NEEDS_PRICE]}
        assert {row.title for row in stored(session, organization)}.isdisjoint({"نو"})

    def test_refuses_a_value_in_the_list(self, session, login, manager, organization, products):
        path = f"/products/inline/{products[2].id}/is_active"

        answer = login(manager).post(path, data={"is_active": "y"}, headers={"HX-Request": "true"})

        assert answer.status_code == 422
        assert NEEDS_PRICE in answer.text
        assert not stored(session, organization)[-1].is_active

    def test_refuses_all_of_the_ticked_rows_and_names_the_one_to_blame(
        self, session, login, manager, organization, products
    ):
        ticked = {"action": "change", "_step": "run", "rowid": [str(row.id) for row in products]}

        answer = login(manager).post("/products/action_post", data=ticked | {"is_active": "1", "price": ""})

        assert answer.status_code == 422
        assert f"رایگان: {NEEDS_PRICE}" in answer.text
        assert [row.is_active for row in stored(session, organization)[-3:]] == [True, True, False]

    def test_refuses_single_rows_of_a_job(self, session, login, manager, organization, products, monkeypatch):
        monkeypatch.setattr("app.panel.bulk.routes.MOST_AT_ONCE", 1)
        sent = {"action": "change", "_step": "run", "_all": "1", "_query": "", "is_active": "1"}
        login(manager).post("/products/action_post", data=sent)
        work(session, organization)

        rows = stored(session, organization)
        assert [(row.title, row.is_active) for row in rows if row.title == "رایگان"] == [("رایگان", False)]
        assert {each.reason for each in session.scalars(select(BulkFailure))} == {NEEDS_PRICE}
        assert [row.is_active for row in rows if row.title == "زبان 1"] == [True]

    def test_of_the_model_holds_in_its_section_too(self, session, login, manager, organization):
        customer, other = (
            CustomerFactory(province="فارس", city="شیراز"),
            CustomerFactory(province=None, city=None),
        )
        session.commit()
        path = "/customers/inline/{}/{}"

        browser, fragment = login(manager), {"HX-Request": "true"}
        emptied = browser.post(path.format(customer.id, "province"), data={"province": ""}, headers=fragment)
        given = browser.post(path.format(other.id, "city"), data={"city": "شیراز"}, headers=fragment)

        assert (emptied.status_code, given.status_code) == (422, 422)
        assert NEEDS_PROVINCE in emptied.text
        assert NEEDS_PROVINCE in given.text
        found = {row.id: (row.province, row.city) for row in stored(session, organization, Customer)}
        assert (found[customer.id], found[other.id]) == (("فارس", "شیراز"), (None, None))

    def test_may_refuse_several_fields_at_once(self, app, session, login, manager, monkeypatch):
        def both(_section, _item):
            raise Refusals(
                DomainError(_l("عنوان نه."), field="title"), DomainError(_l("کد نه."), field="code")
            )

        monkeypatch.setattr(Products, "check", both)
        sent = {"title": "دوره", "code": "N-1", "price": "", "is_active": ""}

        answer = login(manager).post("/products/add", data=sent)

        assert "عنوان نه." in answer.text.split('id="title-error"')[1].split("</p>")[0]
        assert "کد نه." in answer.text.split('id="code-error"')[1].split("</p>")[0]

    def test_is_asked_before_the_row_reaches_the_database(self, session, login, manager, monkeypatch):
        seen = []

        def reads_others(_section, item):
            seen.append(session.scalar(select(Product.id).where(Product.code == item.code)))
            raise DomainError(_l(NEEDS_PRICE), field="price")

        monkeypatch.setattr(Products, "check", reads_others)
        sent = {"title": "دوره", "code": "N-1", "price": "", "is_active": ""}

        assert login(manager).post("/products/add", data=sent).status_code == 422
        assert seen == [None]
