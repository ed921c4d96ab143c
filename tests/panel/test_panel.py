"""The engine: what every section gets from its declaration, and what nobody gets from it."""

import threading
from contextvars import Context

import pytest
from flask_appbuilder import ModelView
from sqlalchemy import func, select

from app.extensions import db
from app.panel.registry import BypassedEngine, refuse_bypass
from models.member import Member
from models.order import Order
from models.product import Product
from models.tenancy.scope import Actor, acting_as
from tests.factories import (
    CustomerFactory,
    FollowUpFactory,
    OrderFactory,
    ProductFactory,
    ResultTitleFactory,
    member,
)

HTMX = {"HX-Request": "true"}


class TestDoor:
    @pytest.mark.parametrize(
        "path", ["/products/", "/products/add", "/products/show/1", "/products/lookup/x"]
    )
    def test_a_stranger_is_sent_to_the_login(self, app, session, path):
        answer = app.test_client().get(path)

        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/login/?next=")

    def test_a_stranger_in_an_open_page_is_told_so(self, app, session):
        assert app.test_client().get("/products/", headers=HTMX).status_code == 401

    def test_a_stranger_cannot_even_ask_for_an_action(self, app, session):
        assert app.test_client().post("/products/action_post", data={"action": "no"}).status_code == 302

    def test_a_missing_right_is_403(self, login, consultant):
        assert login(consultant).get("/products/add").status_code == 403

    @pytest.mark.parametrize("key", ["0", "-1", "x", "99999999999999999999", "1%00", "۱"])
    def test_what_is_no_key_does_not_exist(self, login, manager, key):
        assert login(manager).get(f"/products/show/{key}").status_code == 404

    def test_get_changes_nothing(self, login, manager):
        row = ProductFactory()

        assert login(manager).get(f"/products/delete/{row.id}").status_code == 405
        assert login(manager).get(f"/products/action/remove/{row.id}").status_code == 405

    def test_a_member_of_a_suspended_organisation_sees_nothing(self, session, login, organization, manager):
        row = ProductFactory()
        organization.status = "suspended"
        session.flush()
        session.expire(organization)

        assert f'data-pk="{row.id}"' not in login(manager).get("/products/").text

    def test_the_platforms_admin_sees_empty_lists(self, login, manager):
        row = ProductFactory()
        admin = member("Admin", None)

        answer = login(admin).get("/products/")

        assert answer.status_code == 200
        assert f'data-pk="{row.id}"' not in answer.text


class TestList:
    @pytest.mark.parametrize(
        "arguments",
        [
            "page=-1",
            "page=abc",
            "page=99999999999999999999",
            "size=100000",
            "sort=organization.name",
            "sort=created_by.password",
            "sort=%00",
            "tab=nope",
            "f_is_active=maybe",
            "f_is_active=%00",
            "f_nothing=1",
            "q=%00",
            "q=" + "س" * 5000,
            "_flt_0_title=x&_oc_Products=secret&psize_Products=abc",
        ],
    )
    def test_odd_arguments_are_harmless(self, login, manager, arguments):
        ProductFactory()

        assert login(manager).get(f"/products/?{arguments}").status_code == 200

    @pytest.mark.parametrize(
        ("arguments", "answer"),
        [
            ("page=99", ["حساب یک", "حساب دو", "100%_a"]),
            ("f_is_active=0", ["حساب دو"]),
            ("f_is_active=1&q=حساب", ["حساب یک"]),
            ("q=100%25", ["100%_a"]),
        ],
    )
    def test_search_and_filters_narrow(self, session, login, manager, arguments, answer):
        titles = ["حساب یک", "حساب دو", "100%_a"]
        for title in titles:
            ProductFactory(title=title, is_active=title != "حساب دو")

        page = login(manager).get(f"/products/?{arguments}").text

        assert [title for title in titles if f">{title}<" in page] == answer

    def test_a_filter_by_a_foreign_row_shows_nothing_of_it(
        self, session, login, manager, stranger_organization
    ):
        with acting_as(session, Actor(stranger_organization.id)):
            foreign = ProductFactory(title="محصول بیگانه").id

        page = login(manager).get(f"/follow-ups/?tab=all&f_product={foreign}").text

        assert "محصول بیگانه" not in page

    @pytest.mark.parametrize("path", ["/follow-ups/?tab=all", "/orders/", "/customers/", "/products/"])
    def test_statements_are_few_and_the_same_for_any_number_of_rows(
        self, login, manager, consultant, statements, path
    ):
        client = login(manager)
        counts = {}
        for size in (25, 100):
            FollowUpFactory.create_batch(size - 24, consultant_id=consultant.id)
            db.session.commit()
            statements.clear()
            page = client.get(path, query_string={"size": size} if "?" not in path else None)
            assert page.status_code == 200
            counts[size] = len(statements)

        assert counts[25] == counts[100]
        assert counts[100] <= 12

    def test_no_statement_counts_a_whole_table(self, login, manager, consultant, statements):
        FollowUpFactory(consultant_id=consultant.id)
        client = login(manager)
        statements.clear()

        client.get("/follow-ups/?tab=all")

        assert [one for one in statements if "count(" in one.lower() and "limit" not in one.lower()] == []

    def test_filters_of_one_request_never_show_in_another(self, app, session, manager, login):
        """R-09 in small: eight threads, each with its own word."""
        client_cookie = login(manager)
        words = [f"کلمه{number}" for number in range(8)]
        gate, leaks = threading.Barrier(len(words)), []

        def search(word):
            gate.wait(10)
            with app.test_request_context(f"/products/?q={word}"):
                from flask import request  # noqa: PLC0415 - the thread's own request

                from app.panel.queries.arguments import read_state  # noqa: PLC0415 - the same

                state = read_state(request.args, sortable=(), tabs=())
                if state.search != word:
                    leaks.append((word, state.search))

        threads = [threading.Thread(target=Context().run, args=(search, word)) for word in words]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)

        assert leaks == []
        assert client_cookie.get("/products/?q=تنها").text.count("کلمه") == 0


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


def test_a_view_that_goes_around_the_engine_stops_the_start():
    class Careless(ModelView):
        def __init__(self):
            """Not even set up: being of the wrong kind is enough."""

    with pytest.raises(BypassedEngine):
        refuse_bypass([Careless()])


def test_no_text_of_another_organisation_in_any_list(session, login, manager, stranger_organization):
    canary = "قناری‌بیگانه"
    with acting_as(session, Actor(stranger_organization.id)):
        order = OrderFactory(customer__first_name=canary, product__title=canary, note=canary)
        stranger = member("Consultant", stranger_organization, first_name=canary)
        FollowUpFactory(order=order, consultant_id=stranger.id)
        CustomerFactory(last_name=canary)
    client = login(manager)

    pages = [client.get(f"/{slug}/").text for slug in ("follow-ups", "orders", "customers", "products")]

    assert not [page for page in pages if canary in page]
    assert session.scalar(select(Member.first_name).where(Member.id == stranger.id)) == canary
