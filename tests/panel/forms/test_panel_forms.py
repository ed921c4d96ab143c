"""The engine: the form of every section, and the rows that its relations offer."""

import pytest
from sqlalchemy import func, select

from models.order import Order
from models.product import Product
from models.tenancy.scope import Actor, acting_as
from tests.factories import (
    OrderFactory,
    ProductFactory,
    ResultTitleFactory,
    member,
)

HTMX = {"HX-Request": "true"}


class TestForm:
    def test_a_row_is_added_to_the_acting_organisation(self, session, login, manager, organization):
        data = {"title": "دوره", "code": "D-1", "price": "۱٬۲۰۰", "is_active": "y", "organization_id": 999}

        login(manager).post("/products/add", data=data)

        row = session.scalars(select(Product).where(Product.code == "D-1")).one()
        assert (row.organization_id, row.price) == (organization.id, 12_000)

    def test_a_taken_value_is_refused_at_its_field(self, login, manager):
        ProductFactory(code="A-1")

        answer = login(manager).post("/products/add", data={"title": "دیگر", "code": "A-1"})

        assert answer.status_code == 422
        assert 'id="code-error"' in answer.text

    def test_values_taken_together_are_refused_at_the_first_of_the_form(self, login, manager):
        row = ResultTitleFactory()

        data = {"title": row.title, "colour": "red", "kind": row.kind.value, "scope": row.scope.value}
        answer = login(manager).post("/result-titles/add", data=data | {"position": "1"})

        assert answer.status_code == 422
        assert 'id="title-error"' in answer.text
        assert 'id="scope-error"' not in answer.text

    @pytest.mark.parametrize(
        ("typed", "status", "kept"),
        [("0", 422, 3), ("100001", 422, 3), ("", 302, 1), ("۷", 302, 7)],
    )
    def test_an_order_is_of_one_at_least(self, session, login, manager, typed, status, kept):
        row = OrderFactory(quantity=3)
        client, number = login(manager), select(func.count(Order.id))
        before = session.scalar(number)

        edited = client.post(f"/orders/edit/{row.id}", data={"quantity": typed})
        data = {"mobile": "09121234567", "product": row.product_id, "quantity": typed}
        added = client.post("/orders/add", data=data)

        session.refresh(row)
        assert (edited.status_code, added.status_code) == (status, status)
        assert row.quantity == kept
        assert session.scalar(number) - before == (status == 302)

    def test_a_deleted_rows_value_is_free_again(self, login, manager):
        row = ProductFactory(code="A-1")
        client = login(manager)
        client.post(f"/products/delete/{row.id}")

        assert client.post("/products/add", data={"title": "دیگر", "code": "A-1"}).status_code == 302

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", ""),
            ("title", "   "),
            ("title", "س" * 121),
            ("title", "a\0b"),
            ("price", "رایگان"),
            ("price", "-5"),
            ("price", "9" * 30),
        ],
    )
    def test_bad_input_is_said_beside_the_field_and_stores_nothing(
        self, session, login, manager, field, value
    ):
        before = session.scalar(select(func.count()).select_from(Product))
        data = {"title": "دوره", "code": "Z-1", "price": ""} | {field: value}

        answer = login(manager).post("/products/add", data=data)

        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        assert session.scalar(select(func.count()).select_from(Product)) == before

    @pytest.mark.parametrize(
        "value",
        ['"><img src=x onerror=alert(1)>', "'-alert(1)-'", "{{config.items()}}", "None", "0"],
    )
    def test_text_is_stored_as_typed_and_does_nothing(self, session, login, manager, value):
        client = login(manager)

        client.post("/products/add", data={"title": value, "code": "T-9"})

        row = session.scalars(select(Product).where(Product.code == "T-9")).one()
        page = client.get("/products/").text
        assert row.title == value
        assert "<img src=x" not in page
        assert "SECRET_KEY" not in page

    def test_arabic_letters_are_stored_as_persian_ones(self, session, login, manager):
        login(manager).post("/products/add", data={"title": "علي كاظمي", "code": "T-9"})

        row = session.scalars(select(Product).where(Product.code == "T-9")).one()
        assert row.title == "علی کاظمی"

    def test_an_unticked_switch_says_no(self, session, login, manager):
        row = ProductFactory(is_active=True)

        login(manager).post(f"/products/edit/{row.id}", data={"title": row.title, "code": row.code})

        session.refresh(row)
        assert row.is_active is False


class TestLookup:
    def test_only_rows_in_scope_are_offered(self, session, login, manager, stranger_organization):
        ProductFactory(title="نزدیک")
        with acting_as(session, Actor(stranger_organization.id)):
            ProductFactory(title="نزدیک بیگانه")

        found = login(manager).get("/orders/lookup/product?q=نزدیک").json

        assert [row["text"] for row in found] == ["نزدیک"]

    @pytest.mark.parametrize("name", ["organization", "created_by", "nothing", "customer"])
    def test_other_columns_answer_nothing(self, login, manager, name):
        assert login(manager).get(f"/orders/lookup/{name}?q=a").status_code == 404

    def test_members_of_others_are_not_offered(
        self, session, login, manager, consultant, stranger_organization
    ):
        member("Consultant", stranger_organization, first_name="بیگانه")

        found = login(manager).get("/follow-ups/lookup/consultant?q=").json

        assert {row["value"] for row in found} == {str(manager.id), str(consultant.id)}

    def test_a_forged_choice_is_refused(self, session, login, manager, stranger_organization):
        with acting_as(session, Actor(stranger_organization.id)):
            foreign = ProductFactory().id

        answer = login(manager).post("/orders/add", data={"mobile": "09121234567", "product": foreign})

        assert answer.status_code == 422
        assert 'id="product-error"' in answer.text
