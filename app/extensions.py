"""Objects that are created once and bound to the app by the factory."""

import sqlite3
from time import monotonic
from typing import Any

from celery import Celery
from flask_appbuilder import AppBuilder, Model
from flask_appbuilder.models.sqla.base import SQLA
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import Pool

# FAB's own tables and ours share one metadata, hence one create, one Alembic history.
db = SQLA(model_class=Model, engine_options={"hide_parameters": True})
appbuilder = AppBuilder()
csrf = CSRFProtect()
celery = Celery("ava")


@event.listens_for(Engine, "connect")
def _careful_sqlite(connection: Any, _record: Any) -> None:
    """SQLite forgets foreign keys and durability unless each connection asks for them."""
    if not isinstance(connection, sqlite3.Connection):
        return
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "savepoint")
def _write_from_the_start(connection: Connection, _name: str) -> None:
    """Python's driver begins no transaction before a savepoint, and what is read in it can no longer be written once another has.

    SQLite then answers «database is locked» at once; who waits for his turn before he reads is only late.
    """
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection) and not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@event.listens_for(Engine, "connect")
def _quick_plans(connection: Any, _record: Any) -> None:
    """PostgreSQL tries every order of eight tables for longer than a page of rows takes; ours stand in a good one."""
    if isinstance(connection, sqlite3.Connection):
        return
    connection.autocommit = True
    connection.execute("SET join_collapse_limit = 4")
    connection.autocommit = False


# Seconds after which a connection is asked whether it still lives; one of a moment ago would answer for nothing.
RESTED = 1.0


@event.listens_for(Pool, "checkin")
def _note_rest(_connection: Any, record: Any) -> None:
    record.info["rests_since"] = monotonic()


@event.listens_for(Pool, "checkout")
def _ask_rested(connection: Any, record: Any, _proxy: Any) -> None:
    """The pool takes a new connection for one that is gone."""
    now = monotonic()
    if isinstance(connection, sqlite3.Connection) or now - record.info.get("rests_since", now) < RESTED:
        return
    try:
        # Outside of a transaction, whose rollback would make the driver forget the statements it has prepared.
        connection.autocommit = True
        connection.execute("")
        connection.autocommit = False
    except connection.OperationalError as error:
        raise DisconnectionError from error
