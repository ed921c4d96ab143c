"""Transactions of the tests."""

from __future__ import annotations

from sqlalchemy import Connection, event


def begin_for_real(connection: Connection) -> None:
    """Python's SQLite driver opens no transaction before the first write, so savepoints would end it."""
    if connection.dialect.name != "sqlite":
        return
    connection.connection.driver_connection.isolation_level = None

    @event.listens_for(connection, "begin")
    def _begin(begun: Connection) -> None:
        begun.exec_driver_sql("BEGIN")
