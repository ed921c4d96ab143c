"""Database outages: recognising their errors, and closing sessions without a connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import psycopg
from flask import current_app
from sqlalchemy.exc import (
    DBAPIError,
    DisconnectionError,
    OperationalError,
    PendingRollbackError,
    SQLAlchemyError,
    TimeoutError,  # noqa: A004 - the pool's own
)

from app.extensions import db

# SQLSTATE classes: lost connections, exhausted resources, a server that shuts down.
_STATES = ("08", "53", "57")
# Messages of drivers for errors without a SQLSTATE.
_MESSAGES = (
    "connection",
    "database is locked",
    "unable to open database",
    "disk i/o error",
    "database or disk is full",
)
# In the message of a transaction whose connection was lost.
_RECONNECT = "reconnect"


def is_outage(error: BaseException) -> bool:
    """Whether *error* or one of its causes means that the database is not available."""
    return any(map(_is_outage, _causes(error)))


def leave_transaction() -> bool:
    """Roll back; False where the connection is lost, which also invalidates it."""
    try:
        db.session.rollback()
    except (SQLAlchemyError, psycopg.Error, sqlite3.Error) as error:
        current_app.logger.warning("The rollback failed: %s", type(error).__name__)
        db.session().invalidate()
        return False
    return True


def close_session() -> None:
    """Return the request's connection to the pool."""
    try:
        db.session.remove()
    # An error raised here would replace the finished response.
    except (SQLAlchemyError, psycopg.Error, sqlite3.Error) as error:
        current_app.logger.warning("The session was left open: %s", type(error).__name__)
        db.session.registry.clear()


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or each in seen:
            continue
        seen.append(each)
        waiting += [each.__cause__, each.__context__, getattr(each, "orig", None)]
        yield each


def _is_outage(error: BaseException) -> bool:
    if isinstance(error, DisconnectionError | TimeoutError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if (getattr(error, "sqlstate", None) or "").startswith(_STATES):
        return True
    if isinstance(error, PendingRollbackError):
        return _RECONNECT in str(error)
    if isinstance(error, OperationalError):
        return _has_outage_message(str(error.orig))
    return isinstance(error, psycopg.OperationalError | sqlite3.OperationalError) and _has_outage_message(
        str(error)
    )


def _has_outage_message(message: str) -> bool:
    return any(known in message.lower() for known in _MESSAGES)
