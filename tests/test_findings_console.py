"""The holes of Flask-Admin, A-01 to A-09: the console is closed by its base class, for every view that it has."""

import pytest
from flask_admin.contrib.fileadmin import BaseFileAdmin
from flask_admin.contrib.sqla import ModelView
from flask_wtf import FlaskForm

from app.panel.menu import MenuGroup
from models.base import Tenant
from tests.factories import member


@pytest.fixture
def views(app):
    """What the console is made of; nothing where there is none, and then nothing can be open."""
    return [view for admin in app.extensions.get("admin", []) for view in admin._views]


@pytest.fixture
def tables(views):
    return [view for view in views if isinstance(view, ModelView)]


def test_a01_nobody_but_admin_opens_a_view(app, login, manager, views):
    manager_there, stranger = login(manager), app.test_client()

    for view in views:
        assert manager_there.get(view.url).status_code in {302, 308, 403, 404}
        assert stranger.get(view.url).status_code in {302, 308, 401}


def test_a02_a_key_that_is_none_of_the_lists_does_not_exist(login, manager, tables):
    client = login(member("Admin", None))

    for view in tables:
        assert type(view).get_one is not ModelView.get_one
        for key in ("1,2", "999999999", "x"):
            assert client.get(f"{view.url}/details/", query_string={"id": key}).status_code in {302, 403, 404}


def test_a03_forms_carry_the_one_token(tables):
    assert [view for view in tables if not issubclass(view.form_base_class, FlaskForm)] == []


def test_a04_no_lookup_lists_another_table(tables):
    assert [view for view in tables if view.form_ajax_refs] == []


def test_a05_nothing_is_exported(tables):
    assert [view for view in tables if view.can_export] == []


def test_a06_there_is_no_file_view_and_no_redis_console(views):
    assert [view for view in views if isinstance(view, BaseFileAdmin)] == []
    assert [view for view in views if "redis" in type(view).__module__] == []


def test_a07_no_form_replaces_files(tables):
    fields = [str(field) for view in tables for field in (view.form_extra_fields or {}).values()]

    assert [field for field in fields if "Upload" in field] == []


def test_a08_the_consoles_words_come_from_the_panels_catalogue(app):
    assert "babel" in app.extensions
    assert str(MenuGroup.SALES.label) != ""


def test_a09_no_rows_of_tenants_and_no_deletion_that_skips_hooks(tables):
    assert [view for view in tables if view.fast_mass_delete] == []
    assert [view for view in tables if issubclass(view.model, Tenant)] == []
