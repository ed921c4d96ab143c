"""Inserts without the mapper: ON CONFLICT in the dialect of a session's database, and the defaults of columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

_INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def upsert(session: Session, model: Any) -> postgresql.Insert:
    """An INSERT into *model*'s table that offers ``on_conflict_do_nothing`` and ``on_conflict_do_update``.

    SQLAlchemy has one such class for each dialect; both have these methods, with the same parameters.
    """
    statement: postgresql.Insert = _INSERTS[session.get_bind().dialect.name](model)
    return statement


class _Given:
    """What the default of a column may read: the values of its row so far, and the connection."""

    def __init__(self, connection: Connection, row: dict[str, Any]) -> None:
        self.connection, self._row = connection, row

    def get_current_parameters(self) -> dict[str, Any]:
        return self._row


def complete(connection: Connection, model: Any, rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """*rows*, each with all columns that one of them names and with the defaults of *model* for the others."""
    named = dict.fromkeys(name for row in rows for name in row)
    defaults = _defaults(model)
    for row in rows:
        given = _Given(connection, row)
        for name, is_function, default in defaults:
            if name not in row:
                row[name] = default(given) if is_function else default
        for name in named.keys() - row.keys():
            row[name] = None
    return rows


@cache
def _defaults(model: Any) -> Sequence[tuple[str, bool, Callable[[Any], Any] | Any]]:
    """The columns with a default in the sequence of the table: name, whether it is a function, the default."""
    found = []
    for column in inspect(model).local_table.columns:
        default: Any = column.default
        if default is None:
            continue
        if not (default.is_callable or default.is_scalar):
            raise TypeError(f"The default of {column} is computed by the database.")
        found.append((column.name, default.is_callable, default.arg))
    return found
