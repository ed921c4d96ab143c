"""The holes of Flask-Admin, A-01 to A-09: each shown on its stock view, and closed for every view that the console has."""

from contextlib import contextmanager

import pytest
from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.fileadmin import BaseFileAdmin
from flask_admin.contrib.sqla import ModelView
from flask_babel import Babel
from flask_wtf import FlaskForm
from sqlalchemy import String, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import StaticPool

from models.base import Tenant
from models.organization import Organization
from models.tenancy.criteria import tenant_models
from tests.factories import member


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(String(80))


class OwnNotes(ModelView):
    """A stock view that means to show one owner's rows."""

    column_editable_list = ("text",)
    can_export = can_view_details = True

    def get_query(self):
        return super().get_query().filter(Note.owner == "me")


@contextmanager
def made(*, with_babel):
    """A stock Flask-Admin with a row of mine and one of somebody else."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    session = Session(engine)
    session.add_all([Note(owner="me", text="mine"), Note(owner="you", text="=HYPERLINK(1)")])
    session.commit()
    app = Flask("stock")
    app.config.update(SECRET_KEY="stock")
    if with_babel:
        Babel(app)
    with pytest.warns(DeprecationWarning, match="session"):
        view = OwnNotes(Note, session, name="Notes", endpoint="notes")
    Admin(app).add_view(view)
    yield app
    session.close()
    engine.dispose()


@pytest.fixture(scope="module")
def stock():
    with made(with_babel=True) as stock_app:
        yield stock_app


@pytest.fixture
def views(app):
    """What the console is made of."""
    found = [view for admin in app.extensions["admin"] for view in admin._views]
    assert len(found) > 5
    return found


@pytest.fixture
def tables(views):
    return [view for view in views if isinstance(view, ModelView)]


@pytest.fixture
def admin(login, app):
    return login(member("Admin", None))


def test_a01_nobody_but_admin_opens_a_view(app, stock, login, manager, organization, admin, views):
    others = [manager, *(member(role, organization) for role in ("Consultant", "SupportAgent"))]
    others.append(member("Operator", None))

    assert stock.test_client().get("/admin/notes/").status_code == 200
    for view in views:
        path = f"{view.url}/"
        assert admin.get(path).status_code == 200
        assert {login(person).get(path).status_code for person in others} == {403}
        assert app.test_client().get(path).location.startswith("/login/")


def test_a02_a_key_that_is_none_of_the_lists_does_not_exist(stock, admin, tables, organization):
    client = stock.test_client()
    assert "HYPERLINK" in client.get("/admin/notes/details/?id=2").text
    assert client.get("/admin/notes/details/?id=1,2").status_code == 500

    for view in tables:
        assert type(view).get_one is not ModelView.get_one
    for key in ("1,2", "999999999", "x", "0", "9" * 40):
        assert admin.post(f"/console/settings/save/{key}/sms_quota").status_code == 404


def test_a03_changes_carry_the_one_token(app, stock, session, admin, tables, organization, monkeypatch):
    changed = stock.test_client().post("/admin/notes/ajax/update/", data={"list_form_pk": "1", "text": "x"})
    assert changed.status_code == 200

    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    answer = admin.post(f"/console/settings/save/{organization.id}/sms_quota", data={})
    assert answer.status_code == 400
    assert all(issubclass(view.form_base_class, FlaskForm) for view in tables)


def test_a04_no_lookup_lists_another_table(app, stock, tables):
    assert any("ajax/lookup" in rule.rule for rule in stock.url_map.iter_rules())

    assert [view for view in tables if view.form_ajax_refs] == []
    assert [
        rule for rule in app.url_map.iter_rules() if "/console/" in rule.rule and "lookup" in rule.rule
    ] == []


def test_a05_nothing_is_exported(app, stock, admin, tables):
    assert "export" in stock.test_client().get("/admin/notes/").text

    assert [view for view in tables if view.can_export] == []
    for view in tables:
        assert admin.get(f"{view.url}/export/csv/").status_code == 404


def test_a06_there_is_no_file_view_and_no_redis_console(views):
    """Nothing of the stock to show: these are views that one has to add."""
    assert [view for view in views if isinstance(view, BaseFileAdmin)] == []
    assert [view for view in views if "redis" in type(view).__module__] == []


def test_a07_nothing_is_uploaded(app, tables):
    """Nothing of the stock to show: it is what its upload fields do, and no form of ours has one."""
    with app.test_request_context():
        kinds = {
            field.type
            for view in tables
            for name in view.editable
            for field in view.form_for(name, Organization(id=1))
        }

    assert kinds
    assert [kind for kind in kinds if "Upload" in kind or "File" in kind] == []


def test_a08_the_consoles_words_come_from_the_panels_catalogue(admin, organization):
    with made(with_babel=False) as bare:
        assert bare.test_client().get("/admin/notes/details/?id=77").status_code == 500

    page = admin.get("/console/mails/").text
    assert "ایمیل‌های خروجی" in page
    assert "List" not in page


def test_a09_no_rows_of_tenants_and_no_deletion_that_skips_hooks(app, admin, tables):
    routes = {
        rule.rule.rpartition("/console/")[2] for rule in app.url_map.iter_rules() if "/console/" in rule.rule
    }

    assert [view for view in tables if view.fast_mass_delete or view.can_delete] == []
    assert [view for view in tables if issubclass(view.model, Tenant)] == []
    assert not any(word in route for route in routes for word in ("delete", "edit", "new", "action"))
    assert not {view.model for view in tables} & set(tenant_models())
