"""A database that does not answer: how an error shows it, and how a session is left behind without it."""

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

# Lost connections, exhausted resources, a server that is being stopped.
_STATES = ("08", "53", "57")
# What drivers say without a state of their own.
_SENTENCES = (
    "connection",
    "database is locked",
    "unable to open database",
    "disk i/o error",
    "database or disk is full",
)
_RETRY = "reconnect"


def is_outage(error: BaseException) -> bool:
    """Whether *error*, or what it was raised from, says that the database is not available."""
    return any(map(_says_so, _causes(error)))


def leave_transaction() -> bool:
    """Roll back; False where the connection turns out to be gone, and is given up."""
    try:
        db.session.rollback()
    except (SQLAlchemyError, psycopg.Error, sqlite3.Error) as error:
        current_app.logger.warning("The rollback failed: %s", type(error).__name__)
        db.session().invalidate()
        return False
    return True


def close_session() -> None:
    """Give the request's connection back; an error here would replace an answer that is made already."""
    try:
        db.session.remove()
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


def _says_so(error: BaseException) -> bool:
    if isinstance(error, DisconnectionError | TimeoutError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if (getattr(error, "sqlstate", None) or "").startswith(_STATES):
        return True
    if isinstance(error, PendingRollbackError):
        return _RETRY in str(error)
    if isinstance(error, OperationalError):
        return _sounds_away(str(error.orig))
    return isinstance(error, psycopg.OperationalError | sqlite3.OperationalError) and _sounds_away(str(error))


def _sounds_away(sentence: str) -> bool:
    return any(words in sentence.lower() for words in _SENTENCES)
