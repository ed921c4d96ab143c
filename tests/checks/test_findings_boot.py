"""The traps of Flask-AppBuilder, T12 and T16 to T26: programs, actions, rights and the start."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import inspect

from app import security_manager
from app.extensions import appbuilder, db
from app.panel.access import ROLES
from models.tenancy.scope import Actor, acting_as
from tests.factories import ProductFactory
from tests.support.stock import failing_commit

PDF = b"%PDF-1.4 a small one"


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """A process that made the app on a database that isn't there, and how many statements it sent."""
    folder = tmp_path_factory.mktemp("nothing")
    script = (
        "from sqlalchemy import Engine, event\n"
        "sent = []\n"
        "event.listen(Engine, 'before_cursor_execute', lambda *a: sent.append(a))\n"
        "from app.factory import create_app\n"
        "app = create_app()\n"
        "print(len(sent), 'Products.show' in app.view_functions)"
    )
    environment = {"DATABASE_URL": f"sqlite:///{folder}/empty.db", "APP_ENV": "test"}
    run = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.split(), folder / "empty.db"


def test_t12_no_property_of_a_view_asks_the_database_at_the_start(started):
    assert started[0] == ["0", "True"]


def test_t16_rows_written_without_a_request_need_no_user(session, organization):
    with acting_as(session, Actor(organization.id)):
        row = ProductFactory()

        assert row.created_by_id is None
        assert row.created_at.utcoffset().total_seconds() == 0


def test_t17_a_batch_is_bounded_scoped_and_one_statement(login, manager, statements):
    keys = [row.id for row in ProductFactory.create_batch(20)]
    client, counts = login(manager), []
    client.get("/products/")  # a process reads the rights of a role once
    for size in (2, 20):
        statements.clear()
        client.post("/products/action_post", data={"action": "remove", "rowid": keys[:size]})
        counts.append(len(statements))
    too_many = {"action": "remove", "_step": "run", "rowid": [str(keys[0])] * 1001}

    assert counts[0] == counts[1]
    assert client.post("/products/action_post", data={"action": "nope", "rowid": keys}).status_code == 404
    assert client.post("/products/action_post", data=too_many).status_code == 400
    assert client.get("/products/").text.count("data-pk=") == 21


def test_t18_get_changes_nothing_though_csrf_is_off_here(app, login, manager):
    row = ProductFactory()
    client = login(manager)

    for path in (f"delete/{row.id}", f"action/remove/{row.id}", "action_post"):
        assert client.get(f"/products/{path}").status_code == 405
    assert app.config["WTF_CSRF_ENABLED"] is False


def test_t20_no_two_views_share_their_permissions(app):
    names = [view.class_permission_name for view in appbuilder.baseviews if view.base_permissions]

    assert len(set(names)) == len(names)


def test_t21_the_roles_are_rewritten_from_the_declarations(session):
    role = appbuilder.sm.find_role("Consultant")
    before = {str(pair) for pair in role.permissions}
    role.permissions = [appbuilder.sm.add_permission_view_menu("can_old", "RenamedView")]
    session.flush()

    security_manager.sync_roles()

    assert {str(pair) for pair in appbuilder.sm.find_role("Consultant").permissions} == before


def test_t22_t23_t24_a_start_on_an_empty_database_writes_and_asks_nothing(started):
    """Hence four workers can't race: none of them creates a table or a role."""
    said, database = started

    assert said[0] == "0"
    assert not database.exists()


def test_t25_the_sequences_of_fabs_tables_exist(app, session):
    if session.get_bind().dialect.name != "postgresql":
        return  # SQLite has none

    wanted = set(db.Model.metadata._sequences)

    assert wanted <= set(inspect(db.engines[None]).get_sequence_names())


def test_t26_a_right_that_was_not_written_stops_the_upgrade(stock, session, monkeypatch):
    """FAB logs it and goes on."""
    declared = security_manager.declared_roles() | {"Consultant": {("can_fly", "Products")}}
    monkeypatch.setattr(security_manager, "declared_roles", lambda: declared)
    before = {role: _rights(role) for role in ("Consultant", "Manager")}

    with (
        failing_commit(db.session, db.engines[None], at="INSERT INTO ab_permission_view "),
        pytest.raises(security_manager.PermissionNotStored, match="can_fly on Products"),
    ):
        security_manager.sync_roles()
    session.rollback()

    assert {role: _rights(role) for role in before} == before
    assert stock["t26"] == {"raised": False, "pair": None}


def test_t26_after_an_upgrade_the_rights_are_as_many_as_declared(session):
    security_manager.sync_roles()

    assert {role: _rights(role) for role in ROLES} == {
        role: security_manager.declared_roles()[role] for role in ROLES
    }


def _rights(name):
    pairs = appbuilder.sm.find_role(name).permissions
    return {(pair.permission.name, pair.view_menu.name) for pair in pairs}
