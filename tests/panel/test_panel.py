"""The engine: what every section gets from its declaration, and what nobody gets from it."""

import threading
from contextvars import Context

import pytest
from flask_appbuilder import ModelView
from sqlalchemy import select

from app.extensions import db
from app.panel.registry import BypassedEngine, refuse_bypass
from models.member import Member
from models.tenancy.scope import Actor, acting_as
from tests.factories import (
    CustomerFactory,
    FollowUpFactory,
    OrderFactory,
    ProductFactory,
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
