"""Detection of writes in a session's transaction, through the ORM or through raw SQL."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session, SessionTransaction

_COUNT, _BEGAN_AT = "writes", "writes when the transaction began"
_READS = ("SELECT", "WITH", "VALUES", "SHOW", "EXPLAIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET ", "PRAGMA")
# A CTE may write below a SELECT. «FOR UPDATE» only locks.
_WRITES = re.compile(r"(?<!FOR )(?<!FOR NO KEY )\b(INSERT|UPDATE|DELETE|MERGE|INTO)\b", re.IGNORECASE)


@lru_cache(maxsize=5_000)
def _is_read(statement: str) -> bool:
    """Whether *statement* certainly writes nothing; doubtful ones count as writes."""
    return statement.lstrip().upper().startswith(_READS) and not _WRITES.search(statement)


@event.listens_for(Engine, "before_cursor_execute")
def _count(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
    if not _is_read(statement):
        connection.info[_COUNT] = connection.info.get(_COUNT, 0) + 1


@event.listens_for(Session, "after_begin")
def _remember_count(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if not transaction.nested:
        session.info[_BEGAN_AT] = connection.info.get(_COUNT, 0)


def has_written(session: Session) -> bool:
    """Whether the transaction of *session* ran a statement that may have written; does not begin a transaction."""
    if not session.in_transaction():
        return False
    return bool(session.connection().info.get(_COUNT, 0) != session.info.get(_BEGAN_AT))
