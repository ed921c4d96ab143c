"""Extension objects, created once and bound to the app by the factory, and the settings of connections."""

import sqlite3
from time import monotonic
from typing import Any

from celery import Celery
from flask_appbuilder import AppBuilder, Model
from flask_appbuilder.models.sqla.base import SQLA
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import Pool

# FAB's tables and ours share one metadata, and so one Alembic history.
db = SQLA(model_class=Model, engine_options={"hide_parameters": True})
appbuilder = AppBuilder()
csrf = CSRFProtect()
celery = Celery("ava")


@event.listens_for(Engine, "connect")
def _configure_sqlite(connection: Any, _record: Any) -> None:
    """Enable foreign keys, durability and erasing, which SQLite sets per connection."""
    if not isinstance(connection, sqlite3.Connection):
        return
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=10000",
        # Otherwise what was deleted or changed can be read in the file until its place is taken.
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "savepoint")
def _begin_immediate(connection: Connection, _name: str) -> None:
    """Begin a write transaction before a savepoint, which Python's driver does not do.

    Otherwise a read transaction that wants to write after another writer fails at once with «database is locked».
    With BEGIN IMMEDIATE it waits for the other writer before it reads.
    """
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection) and not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


_PLAN = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")


def plan_for_values() -> None:
    """Let PostgreSQL plan each statement of the transaction for its values; a kept plan holds for any value (decision 88)."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_PLAN)


@event.listens_for(Engine, "connect")
def _limit_planning(connection: Any, _record: Any) -> None:
    """Limit what PostgreSQL does before a query: the join orders of eight tables, or its machine code, take longer than it."""
    if isinstance(connection, sqlite3.Connection):
        return
    connection.autocommit = True
    connection.execute("SET join_collapse_limit = 4")
    connection.execute("SET jit = off")
    connection.autocommit = False


# Seconds in the pool after which a connection is tested before use.
TEST_AFTER = 1.0


@event.listens_for(Pool, "checkin")
def _remember_checkin(_connection: Any, record: Any) -> None:
    record.info["checked_in_at"] = monotonic()


@event.listens_for(Pool, "checkout")
def _test_idle(connection: Any, record: Any, _proxy: Any) -> None:
    """Test an idle connection; the pool then replaces a broken one."""
    now = monotonic()
    if isinstance(connection, sqlite3.Connection) or now - record.info.get("checked_in_at", now) < TEST_AFTER:
        return
    try:
        # Outside a transaction, because its rollback would make the driver drop its prepared statements.
        connection.autocommit = True
        connection.execute("")
        connection.autocommit = False
    except connection.OperationalError as error:
        raise DisconnectionError from error
