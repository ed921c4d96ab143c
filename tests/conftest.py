"""One app per run and database, one rolled-back transaction per test."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from app.commands.database import alembic_config
from app.extensions import db
from app.factory import create_app
from app.gateways import password_hash
from app.lib import clock
from app.panel.layout.first_day import forget_complete
from app.panel.queries.counts import forget_long_lists
from app.security_manager import sync_roles
from app.services.account.login import Source
from app.services.account.session import open_session
from models.member import Member
from models.organization import Organization
from models.tenancy.large_owners import forget_large_owners
from models.tenancy.scope import Actor, bind
from tests import factories
from tests.support.beside import settle_colleague
from tests.support.browser import Browser
from tests.support.canaries import OURS
from tests.support.databases import create_database, postgres_server
from tests.support.memory import use_memory_for_files
from tests.support.neighbours import Neighbours, settle
from tests.support.prepared import (
    ROWS_OF_A_COLLEAGUE,
    Prepared,
    PreparedDatabases,
    add_colleague,
    add_consultant,
    add_manager,
    add_organization,
)
from tests.support.racing import Arena
from tests.support.selection import choose, in_order_of_waiting
from tests.support.stock import ask as ask_stock
from tests.support.summary import write_cells
from tests.support.transactions import begin_for_real

SERVER = "AVA_TEST_POSTGRES"

# No test measures time: a slow machine is no failure.
hypothesis_settings.register_profile("ava", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("ava")

# Of the transaction, not of the page.
UNCOUNTED = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "SELECT set_config")

# What of committed rows belongs to no organisation: counters, marks, and FAB's half of extra roles.
LEFT_OVER = (
    "TRUNCATE throttles, sent_forms",
    "DELETE FROM ab_permission_view_role USING ab_role WHERE role_id = ab_role.id AND name LIKE '%%:%%'",
    "DELETE FROM ab_role WHERE name LIKE '%%:%%'",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.addoption("--quick", action="store_true", help="tests without a database, and the smoke test")


def pytest_configure(config: pytest.Config) -> None:
    """The controller starts one PostgreSQL; its workers find the address in the environment."""
    use_memory_for_files()
    if config.getoption("--database") != "postgresql" or SERVER in os.environ:
        return
    server = postgres_server()
    os.environ[SERVER] = server.__enter__()
    config.add_cleanup(lambda: (server.__exit__(None, None, None), os.environ.pop(SERVER, None)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = choose(items, config.getoption("--database"), quick=config.getoption("--quick"))
    chosen_ids = {id(item) for item in chosen}
    left_out = [item for item in items if id(item) not in chosen_ids]
    items[:] = in_order_of_waiting(chosen)
    config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    write_cells(terminalreporter)


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.config.getoption("--database") == "postgresql":
        worker = os.environ.get("PYTEST_XDIST_WORKER", "only")
        return create_database(os.environ[SERVER], f"ava_{worker}")
    return f"sqlite:///{tmp_path_factory.mktemp('database')}/ava.db"


@pytest.fixture(scope="session")
def app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    os.environ["APP_ENV"] = "test"
    os.environ["DATABASE_URL"] = database_url
    application = create_app(_settings(database_url, tmp_path_factory.mktemp("uploads")))
    application.test_client_class = Browser
    with application.app_context():
        command.upgrade(alembic_config(database_url), "head")
        sync_roles()
        db.session.remove()
        # As in `gunicorn.conf.py`: what the start made stays, and the collector looks for it no more.
        gc.freeze()
        gc.set_threshold(100_000, 50, 50)
        password_hash.METHOD = factories.CHEAP_METHOD
        yield application
        db.session.remove()
        db.engine.dispose()


def _settings(database_url: str, uploads: Path) -> type:
    from config import Config  # noqa: PLC0415 - read only once the environment is set

    return type(
        "TestConfig",
        (Config,),
        {
            "TESTING": True,
            "APP_ENV": "test",
            "SECRET_KEY": "a key that only the tests know, long enough",
            "SQLALCHEMY_DATABASE_URI": database_url,
            "WTF_CSRF_ENABLED": False,
            # Tests of limits switch them on.
            "LIMITS": 0,
            "UPLOAD_FOLDER": str(uploads),
            "PROPAGATE_EXCEPTIONS": False,
        },
    )


@pytest.fixture(scope="session")
def prepared_databases(app: Flask) -> Iterator[PreparedDatabases]:
    is_sqlite = db.engine.dialect.name == "sqlite"
    owner = None if is_sqlite else create_engine(os.environ[SERVER])
    databases = PreparedDatabases(db.engine, owner)
    yield databases
    databases.dispose()
    if owner is not None:
        owner.dispose()


@pytest.fixture
def prepared(prepared_databases: PreparedDatabases, request: pytest.FixtureRequest) -> Prepared:
    """The database that has the rows of the common fixtures of this test."""
    return prepared_databases.of(request.fixturenames)


@pytest.fixture
def session(app: Flask, prepared: Prepared) -> Iterator[Session]:
    """The test's session and the requests' share one connection, whose transaction is never committed."""
    engine = db.engine
    connection = prepared.engine.connect()
    begin_for_real(connection)
    outer = connection.begin()
    db.engines[None] = connection
    db.session.remove()
    db.session.configure(join_transaction_mode="create_savepoint")
    for forget in (forget_long_lists, forget_large_owners, forget_complete):
        forget()
    app.extensions["rate_store"].forget()
    yield db.session()
    db.session.remove()
    db.engines[None] = engine
    outer.rollback()
    if connection.dialect.name == "sqlite":
        # Whom the pool gives it to next gets transactions from the driver again; a new one would read all tables again.
        connection.connection.driver_connection.isolation_level = ""
    connection.close()
    clock.reset()


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a stock Flask-AppBuilder lets happen, by finding."""
    return ask_stock(tmp_path_factory.mktemp("stock"))


@pytest.fixture
def committed(app: Flask) -> Iterator[Session]:
    """For threads that must see each other's rows: really committed, and wiped afterwards; PostgreSQL only."""
    yield db.session()
    db.session.remove()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("TRUNCATE organizations CASCADE")
        for statement in LEFT_OVER:
            connection.exec_driver_sql(statement)


@pytest.fixture
def arena(app: Flask, committed: Session) -> Arena:
    """An organisation for threads that race on its rows."""
    return Arena(app, committed)


@pytest.fixture
def organization(session: Session, prepared: Prepared) -> Organization:
    """The organisation of the test; the session acts for its manager once `manager` is asked for."""
    if not prepared.has("organization"):
        return add_organization(session)
    bind(session, Actor(prepared.keys["organization"]))
    return session.get_one(Organization, prepared.keys["organization"])


@pytest.fixture
def stranger_organization(session: Session) -> Organization:
    return factories.organization_with("be")


@pytest.fixture
def manager(session: Session, organization: Organization, prepared: Prepared) -> Member:
    """The member who acts; another organisation works beside theirs, and they and their people have deleted rows."""
    found = prepared.has("manager")
    person = (
        session.get_one(Member, prepared.keys["manager"]) if found else add_manager(session, organization)
    )
    bind(session, Actor(organization.id, person.id))
    return person


@pytest.fixture
def consultant(session: Session, manager: Member, organization: Organization, prepared: Prepared) -> Member:
    if prepared.has("consultant"):
        return session.get_one(Member, prepared.keys["consultant"])
    return add_consultant(session, organization)


@pytest.fixture
def colleague(session: Session, manager: Member, organization: Organization, prepared: Prepared) -> Member:
    """A second consultant, whose rows the first must never see."""
    if prepared.has("colleague"):
        return session.get_one(Member, prepared.keys["colleague"])
    return add_colleague(session, organization)


@pytest.fixture
def colleagues_rows(request: pytest.FixtureRequest, prepared: Prepared) -> None:
    """For claims about one's own rows: a further consultant's; none where the test acts for no member."""
    if prepared.has(ROWS_OF_A_COLLEAGUE) or "manager" not in request.fixturenames:
        return
    session, organization, _manager = map(request.getfixturevalue, ("session", "organization", "manager"))
    named = "consultant" in request.fixturenames
    settle_colleague(session, organization, request.getfixturevalue("consultant") if named else None)


@pytest.fixture
def neighbours(
    session: Session, consultant: Member, colleague: Member, stranger_organization: Organization
) -> Neighbours:
    """The consultant's follow-ups in every state, and those of others beside them."""
    found = settle(session, consultant, colleague, stranger_organization)
    # Loaded anew: what was loaded before the other organisation was asked is detached.
    for person in (consultant, colleague):
        session.add(person)
    return found


@pytest.fixture
def login(app: Flask, session: Session) -> Callable[[Member], FlaskClient]:
    """A client in which *person* is logged in already."""

    def as_member(person: Member) -> FlaskClient:
        key = open_session(person, Source())
        session.flush()
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie.update({"_user_id": str(person.id), "_fresh": True, "sid": key})
        return client

    return as_member


@pytest.fixture
def statements(session: Session) -> Iterator[list[str]]:
    """The SQL that ran since the test asked for it; clear it before what is to be counted."""
    seen: list[str] = []
    connection = db.engines[None]

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if OURS not in statement and not statement.startswith(UNCOUNTED):
            seen.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection, "before_cursor_execute", note)
