"""The holes of Flask-AppBuilder, F-01 to F-13: rows, filters, files; each closed in the engine."""

import io
import re

import pytest
from flask_appbuilder import CompactCRUDMixin, MasterDetailView
from flask_appbuilder.api import BaseApi
from flask_appbuilder.models.mixins import FileColumn, ImageColumn
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.extensions import appbuilder, csrf, db
from app.gateways.storage import storage
from app.panel.columns import Kind, describe
from app.panel.section import Section
from models.attachment import Attachment
from models.base import Tenant
from models.product import Product
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import (
    FollowUpFactory,
    ProductFactory,
    ResultTitleFactory,
    member,
)

PDF = b"%PDF-1.4 a small one"


@pytest.fixture
def foreign(session, manager, stranger_organization):
    with acting_as(session, Actor(stranger_organization.id)):
        return ProductFactory().id


def titles(session):
    return set(session.scalars(select(Product.title)))


@pytest.mark.parametrize("missing", [False, True])
def test_f01_an_action_on_a_row_out_of_scope_does_nothing(session, login, manager, foreign, missing):
    mine = ProductFactory(title="مانده")
    keys = [mine.id, 999_999_999 if missing else foreign]
    data = {"action": "remove", "_step": "run", "rowid": keys}
    client = login(manager)

    assert client.post("/products/action_post", data=data).status_code == 404
    assert client.post(f"/products/action/remove/{keys[1]}", data={"_step": "run"}).status_code == 404
    assert client.post("/products/action/nope/1").status_code == 404
    assert "مانده" in titles(session)


def test_f02_a_view_keeps_nothing_of_a_request(login, manager, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a list has asked for the filters that all requests share")

    monkeypatch.setattr(SQLAInterface, "get_filters", refuse)
    client = login(manager)
    view = next(view for view in appbuilder.baseviews if getattr(view, "slug", "") == "products")
    client.get("/products/")
    before = set(vars(view))

    client.get("/products/?q=کلمه&f_is_active=1&page=2&sort=-code")

    assert set(vars(view)) == before
    assert "کلمه" not in repr(vars(view))


def test_f03_every_relation_on_a_screen_is_scoped(app):
    for section in Section.registry:
        names = {*section.form, *(section.edit_fields or ()), *section.filters, *section.lookups}
        for name in names - set(section.extra_fields):
            column = describe(section.model, name)
            if column.kind is Kind.RELATION:
                assert issubclass(column.target, Tenant) or hasattr(column.target, "choices")


def test_f04_related_rows_and_owners_of_others_are_refused(session, login, consultant, colleague, foreign):
    mine = ProductFactory()
    data = {"mobile": "09121234567", "owner_id": colleague.id, "created_by_id": colleague.id}
    client = login(consultant)

    refused = client.post("/orders/add", data={**data, "product": foreign})
    taken = client.post("/customers/add", data={**data, "product": mine.id})

    assert refused.status_code == 422
    assert taken.status_code == 302
    assert 'data-pk="' in client.get("/customers/").text
    assert 'data-pk="' not in login(colleague).get("/customers/").text


def test_f05_nothing_that_a_cookie_opens_is_exempt_from_the_csrf_token(app, login, manager):
    exempt = {view for view in appbuilder.baseviews if isinstance(view, BaseApi)}

    assert exempt == set()
    assert csrf._exempt_views == set()
    # Providers post reports with a secret in the address; nobody's cookie is asked for there.
    assert csrf._exempt_blueprints == {app.blueprints["api"], app.blueprints["SmsReports"]}
    assert login(manager).get("/api/v1/products/").status_code == 401


def test_f06_there_is_no_route_that_joins_file_names(app, login, manager):
    client = login(manager)

    assert [rule.rule for rule in app.url_map.iter_rules() if "download" in rule.rule] == []
    assert client.get("/products/download/..%2f..%2fetc%2fpasswd").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["?page_Products=abc&psize_Products=-1", "?_flt_9_title=x", "?_oc_Products=a.b.c", "show/9" + "9" * 30],
)
def test_f07_odd_arguments_are_no_crash(login, manager, path):
    assert login(manager).get(f"/products/{path}").status_code in {200, 404}


def test_f08_hidden_columns_do_not_order_a_list(login, manager, statements):
    client = login(manager)
    statements.clear()

    client.get("/follow-ups/?tab=all&sort=consultant.password&_oc_FollowUps=consultant.password")

    assert [one for one in statements if "ORDER BY" in one and "password" in one.split("ORDER BY")[1]] == []


def test_f09_a_scope_without_anything_in_it_shows_nothing(session, login, manager, consultant):
    ProductFactory()
    nobody = member("Consultant", None, "without-home")
    bind(session, Actor(organization_id=None, member_id=nobody.id))

    assert session.scalars(select(Product)).all() == []
    assert "data-pk=" not in login(nobody).get("/products/").text


def test_f10_no_view_loads_a_master_or_keeps_forms_in_the_session(app):
    wrong = [view for view in appbuilder.baseviews if isinstance(view, MasterDetailView | CompactCRUDMixin)]

    assert wrong == []


def test_f11_a_refused_change_is_not_saved_by_a_later_commit(session, login, manager):
    ProductFactory(code="A-1")
    row = ProductFactory(title="پیش", code="A-2")
    client = login(manager)

    refused = client.post(f"/products/edit/{row.id}", data={"title": "پس", "code": "A-1"})
    client.post("/customers/add", data={"mobile": "09121234567"})

    session.refresh(row)
    assert refused.status_code == 422
    assert row.title == "پیش"


def test_f12_an_error_of_the_database_tells_nothing(app, login, manager, monkeypatch):
    client = login(manager)

    def fail(*_args, **_kwargs):
        raise OperationalError("INSERT INTO products (secret)", {"secret": "words"}, OSError("inside"))

    monkeypatch.setattr(Section, "store", fail)
    answer = client.post("/products/add", data={"title": "a", "code": "b"})

    assert answer.status_code == 500
    assert not re.search("INSERT|secret|inside|Traceback", answer.text)
    assert answer.headers["X-Request-ID"] in answer.text
    assert app.config["SQLALCHEMY_ENGINE_OPTIONS"]["hide_parameters"] is True


def test_f13_deleting_a_row_keeps_its_files_and_dangerous_ones_never_come(session, login, consultant):
    follow_up = FollowUpFactory(consultant_id=consultant.id)
    client, title = login(consultant), ResultTitleFactory().id
    path = f"/follow-ups/{follow_up.id}/result"
    client.post(path, data={"result_title": title, "files": (io.BytesIO(PDF), "رسید.pdf")})
    svg = io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")

    refused = client.post(path, data={"result_title": title, "files": (svg, "a.svg")})
    client.post(f"/follow-ups/delete/{follow_up.id}")

    kept = session.scalars(select(Attachment)).one()
    assert refused.status_code == 422
    assert storage().path(kept.stored_name).exists()
    kinds = {type(column.type) for mapper in db.Model.registry.mappers for column in mapper.columns}
    assert not kinds & {FileColumn, ImageColumn}
