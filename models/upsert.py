"""INSERT with ON CONFLICT, in the dialect of a session's database."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

_INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def upsert(session: Session, model: Any) -> postgresql.Insert:
    """An INSERT into *model*'s table that offers ``on_conflict_do_nothing`` and ``on_conflict_do_update``.

    SQLAlchemy has one such class for each dialect; both have these methods, with the same parameters.
    """
    statement: postgresql.Insert = _INSERTS[session.get_bind().dialect.name](model)
    return statement
