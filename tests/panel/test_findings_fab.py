"""The traps of Flask-AppBuilder, T1 to T15: lists, forms and files, each closed where every section gets it."""

import io

import pytest
from flask_appbuilder.models.filters import BaseFilterConverter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import select

from app.extensions import appbuilder, db
from app.panel.forms import builder as forms
from models.attachment import Attachment
from models.product import Product
from tests.factories import (
    CustomerFactory,
    FollowUpFactory,
    OrderFactory,
    ProductFactory,
    ResultTitleFactory,
)

PDF = b"%PDF-1.4 a small one"


@pytest.fixture
def no_fab_filters(monkeypatch):
    """FAB's own filters, whose state all requests share, may not even be asked for."""

    def refuse(*_args, **_kwargs):
        raise AssertionError("a list has asked for FAB's filters")

    monkeypatch.setattr(SQLAInterface, "get_filters", refuse)
    monkeypatch.setattr(BaseFilterConverter, "__init__", refuse)


def test_t01_a_page_does_not_grow_with_related_rows(login, manager):
    ProductFactory.create_batch(250)
    row = OrderFactory()

    page = login(manager).get("/orders/").text

    assert page.count("<option") <= 250
    assert login(manager).get("/orders/add").text.count("<option") < 10
    assert f'data-pk="{row.id}"' in page


def test_t02_statements_do_not_grow_with_rows(login, manager, consultant, statements):
    client, counts = login(manager), []
    for _ in range(2):
        FollowUpFactory.create_batch(5, consultant_id=consultant.id)
        db.session.commit()
        statements.clear()
        client.get("/follow-ups/?tab=all")
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_t03_relations_are_not_joined_before_the_page_is_chosen(login, manager, consultant, statements):
    FollowUpFactory(consultant_id=consultant.id)
    client = login(manager)
    statements.clear()

    client.get("/follow-ups/?tab=all")

    joined = [one for one in statements if "FROM follow_ups JOIN" in one]
    assert len(joined) == 1
    # The keys of the page are chosen before: their limit stands within, and none outside.
    assert "LIMIT" in joined[0].partition("LEFT OUTER JOIN")[0]
    assert "LIMIT" not in joined[0].rpartition("LEFT OUTER JOIN")[2]


def test_t04_counting_stops_at_a_limit(login, manager, statements):
    client = login(manager)
    statements.clear()

    client.get("/products/")

    counted = [one.lower() for one in statements if "count(" in one.lower()]
    assert counted
    assert all("limit" in one for one in counted)


@pytest.mark.parametrize("name", ["created_by.password", "organization.name", "search_key", "nope", "id"])
def test_t05_only_declared_columns_sort(login, manager, statements, name):
    client = login(manager)
    orders = []
    for address in ("/products/", f"/products/?sort={name}&_oc_Products={name}&_od_Products=asc"):
        statements.clear()
        client.get(address)
        orders.append([one for one in statements if "ORDER BY" in one and "products" in one])

    assert orders[0] == orders[1]


@pytest.mark.parametrize(
    "arguments",
    ["size=100000", "size=abc", "page=-1", "page=abc", "f_price=abc", "f_kind=nope", "psize_Products=-1"],
)
def test_t06_impossible_numbers_and_choices_are_harmless(login, manager, arguments):
    ProductFactory.create_batch(30)

    answer = login(manager).get(f"/products/?{arguments}")

    assert answer.status_code == 200
    assert answer.text.count("data-pk=") <= 25


def test_t07_the_twelfth_value_of_a_filter_counts_as_the_first(stock, login, manager):
    """FAB numbers the filters of a column with one digit."""
    chosen, left_out = ProductFactory.create_batch(12), ProductFactory()
    rows = [OrderFactory(product=product).id for product in (*chosen, left_out)]

    page = login(manager).get("/orders/", query_string={"f_product": [product.id for product in chosen]}).text

    assert [row for row in rows if f'data-pk="{row}"' in page] == rows[:12]
    assert stock["t07"] == {"reached": [9]}


def test_t08_no_filter_class_is_shared_between_models(no_fab_filters, login, manager):
    assert login(manager).get("/products/?f_is_active=1&_flt_0_title=x").status_code == 200


def test_t09_a_request_in_the_middle_of_another_changes_nothing(login, manager, monkeypatch):
    """Stock FAB keeps one set of filters per view: the inner request's would be the outer one's."""
    ProductFactory(title="درونی")
    ProductFactory(title="بیرونی")
    client, other, left, asked = login(manager), login(manager), [True], []
    view = next(view for view in appbuilder.baseviews if getattr(view, "slug", "") == "products")
    offered = view.offered_filters

    def interrupted():
        if left:
            left.pop()
            asked.append(other.get("/products/?q=درونی&f_is_active=1"))
        return offered()

    monkeypatch.setattr(view, "offered_filters", interrupted)
    page = client.get("/products/?q=بیرونی").text

    assert asked[0].status_code == 200
    assert "بیرونی" in page
    assert "درونی" not in page
    assert vars(view).get("_filters") is None


def test_t10_wildcards_are_text_and_a_bad_date_is_not_null(login, manager):
    ProductFactory(title="100%_a")
    ProductFactory(title="دیگر")
    client = login(manager)

    assert client.get("/products/", query_string={"q": "%"}).text.count("data-pk=") == 1
    assert client.get("/customers/", query_string={"f_city": "_"}).text.count("data-pk=") == 0
    CustomerFactory()
    assert client.get("/customers/?f_created_at_from=notadate").text.count("data-pk=") == 1


def test_t11_building_a_form_twice_gives_the_same_validators(app):
    counts = [
        [
            len(field.kwargs.get("validators", field.args[1:2]))
            for field in vars(built).values()
            if hasattr(field, "args")
        ]
        for built in (forms.build_form(Product, ("title", "code"), base_url="/") for _ in range(3))
    ]

    assert counts[0] == counts[1] == counts[2]


def test_t13_a_refused_write_shows_no_statement(login, manager):
    ProductFactory(code="A-1")

    answer = login(manager).post("/products/add", data={"title": "secret words", "code": "A-1"})

    assert answer.status_code == 422
    assert "INSERT" not in answer.text
    assert "sqlalche" not in answer.text


def test_t14_no_history_of_pages_is_kept_in_the_cookie(app, login, manager):
    client = login(manager)
    client.get("/products/?q=x")
    client.get("/customers/")

    with client.session_transaction() as kept:
        assert "page_history" not in kept


def test_t15_a_persian_file_name_survives_and_the_file_hangs_on_its_row(session, login, consultant):
    follow_up = FollowUpFactory(consultant_id=consultant.id)
    data = {"result_title": ResultTitleFactory().id, "files": (io.BytesIO(PDF), "گزارش مالی.pdf")}
    client = login(consultant)

    client.post(f"/follow-ups/{follow_up.id}/result", data=data)

    kept = session.scalars(select(Attachment)).one()
    assert kept.original_name == "گزارش مالی.pdf"
    assert client.get(f"/follow-ups/download/{kept.stored_name}").status_code == 404
