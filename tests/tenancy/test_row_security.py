"""The database's own line of defence: what holds when every filter of the program is gone."""

import os
import re

import pytest
from sqlalchemy import create_engine, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from app.checks.report import findings
from app.commands.database import migrate
from models.audit.event import AuditEvent
from models.customer import Customer
from models.tenancy import scope
from models.tenancy.criteria import tenant_models
from models.tenancy.scope import Actor, acting_as, bind
from tests.conftest import SERVER
from tests.factories import CustomerFactory, ProductFactory
from tests.support.databases import create_database, ensure_role, role_url

on_postgresql = pytest.mark.postgresql


@pytest.fixture
def foreign(session, manager, stranger_organization):
    """A customer of another organisation; the session acts for the manager of this one."""
    with acting_as(session, Actor(stranger_organization.id)):
        key = CustomerFactory(last_name="بیگانه").id
    session.commit()
    bind(session, Actor(manager.organization_id, manager.id))
    return key


@pytest.fixture
def careless(monkeypatch):
    """The program without its own criterion."""
    monkeypatch.setattr(scope, "_limit_statement", lambda state: None)


@on_postgresql
def test_every_tenant_table_is_bound_even_for_its_owner(app, session):
    bound = session.connection().execute(
        text(
            "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid "
            "WHERE c.relrowsecurity AND c.relforcerowsecurity"
        )
    )

    assert {model.__table__.name for model in tenant_models()} <= set(bound.scalars())


@on_postgresql
def test_a_policy_asks_once_a_statement_and_not_once_a_row(app, session):
    policies = session.connection().execute(text("SELECT tablename, qual FROM pg_policies"))

    asked = re.compile(r"SELECT (\(?NULLIF\()?current_setting\(", re.IGNORECASE)
    bare = [
        (table, qual)
        for table, qual in policies
        if qual.count("current_setting(") != len(asked.findall(qual))
    ]

    assert bare == []


@on_postgresql
def test_the_suite_runs_as_a_role_that_policies_bind(app, session):
    role = (
        session.connection()
        .execute(text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"))
        .one()
    )

    assert tuple(role) == (False, False)


@on_postgresql
def test_r16_rows_stay_hidden_without_the_programs_criterion(session, foreign, careless, login, manager):
    ids = session.scalars(select(Customer.id)).all()
    page = login(manager).get("/customers/").text

    assert foreign not in ids
    assert "بیگانه" not in page
    assert login(manager).get(f"/customers/show/{foreign}").status_code == 404


@on_postgresql
def test_rows_of_others_are_neither_changed_nor_written(session, foreign, careless, stranger_organization):
    changed = session.execute(text("UPDATE customers SET note = 'x' WHERE id = :id"), {"id": foreign})
    assert changed.rowcount == 0

    insert = (
        "INSERT INTO products (organization_id, title, code, is_active, search_key, sort_key, created_at, updated_at)"
        " VALUES (:to, 'x', 'x', true, '', '', now(), now())"
    )
    with pytest.raises(DBAPIError, match="row-level security"):
        session.connection().execute(text(insert), {"to": stranger_organization.id})


@on_postgresql
def test_without_an_organisation_there_are_no_rows(app, session, foreign):
    connection = session.connection()
    connection.execute(text("SELECT set_config('app.organization_id', '', true)"))

    assert connection.execute(text("SELECT count(*) FROM customers")).scalar() == 0


@on_postgresql
def test_the_database_follows_whom_the_session_acts_for(
    session, foreign, organization, stranger_organization, careless
):
    """Deleted rows are hidden by the program alone, so what is seen at home are the deleted ones."""
    assert set(session.scalars(select(Customer.organization_id))) == {organization.id}

    with acting_as(session, Actor(stranger_organization.id)):
        assert session.scalars(select(Customer.id)).all() == [foreign]

    assert set(session.scalars(select(Customer.organization_id))) == {organization.id}


@on_postgresql
def test_a_statement_for_everybody_lifts_the_line_for_itself_alone(
    session, foreign, organization, stranger_organization, careless
):
    whose = select(Customer.organization_id)
    everybody = set(session.scalars(whose, execution_options={"unscoped": True}))

    assert {organization.id, stranger_organization.id} < everybody
    assert set(session.scalars(whose)) == {organization.id}


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_events SET action = 'nothing'", "DELETE FROM audit_events"]
)
def test_d25_events_of_the_trail_are_neither_changed_nor_removed(session, manager, statement):
    ProductFactory()
    session.commit()

    with pytest.raises(DBAPIError, match="never changed"), session.begin_nested():
        session.connection().execute(text(statement))

    assert session.scalars(select(AuditEvent.action)).first() is not None


def test_the_chain_of_the_trail_may_be_linked(session, manager):
    ProductFactory()
    session.commit()
    event = session.scalars(select(AuditEvent)).first()

    event.hash, event.previous_hash = "a" * 64, "b" * 64
    session.flush()

    assert session.scalars(select(AuditEvent.hash).where(AuditEvent.id == event.id)).one() == "a" * 64


def test_a_link_of_the_chain_is_never_written_again(session, manager):
    ProductFactory()
    session.commit()
    session.execute(update(AuditEvent).values(hash="a" * 64))

    with pytest.raises(DBAPIError, match="never changed"), session.begin_nested():
        session.execute(update(AuditEvent).values(hash="b" * 64))


@on_postgresql
class TestTwoRoles:
    """The tables are somebody else's: the panel's role works in them and has no say over the trail."""

    @pytest.fixture
    def app_engine(self, app, monkeypatch):
        server = os.environ[SERVER]
        name = f"ava_roles_{os.environ.get('PYTEST_XDIST_WORKER', 'only')}"
        owner_url = create_database(server, name)
        admin = create_engine(server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            ensure_role(connection, "ava_panel")
        admin.dispose()
        app_url = role_url(server, "ava_panel", name)
        monkeypatch.setitem(app.config, "DATABASE_OWNER_URL", owner_url)
        monkeypatch.setitem(app.config, "SQLALCHEMY_DATABASE_URI", app_url)
        migrate()
        engine = create_engine(app_url)
        yield engine
        engine.dispose()

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE audit_events SET action = 'x'", "DELETE FROM audit_events", "TRUNCATE audit_events"],
    )
    def test_the_trail_is_closed_to_it(self, app_engine, statement):
        with app_engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text(statement))

    def test_it_can_work_and_owns_nothing(self, app_engine):
        with app_engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM ab_role")).scalar() == 0
            with pytest.raises(DBAPIError, match="must be owner"):
                connection.execute(text("ALTER TABLE orders DISABLE ROW LEVEL SECURITY"))

    def test_the_tables_are_all_there(self, app_engine):
        assert {"orders", "user_sessions"} <= set(inspect(app_engine).get_table_names())


@on_postgresql
def test_doctor_names_a_role_that_no_policy_binds(app, monkeypatch):
    monkeypatch.setattr("app.checks.report.BYPASSES", "SELECT true")

    assert any("ردیف" in finding.text for finding in findings())
