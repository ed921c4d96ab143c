"""Many rows of values as one parameter of a statement, so that it is the same statement for any number of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Dialect,
    FromClause,
    Integer,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from app.extensions import db
from models.tenancy.scope import actor_of


def table_of(name: str, types: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]) -> FromClause:
    """A table called *name* with the columns of *types*, to join a statement with; *rows* in their order."""
    dialect = db.session.connection().dialect
    document = json.dumps(_plain(dialect, types, rows))
    if dialect.name == "postgresql":
        given = func.jsonb_to_recordset(cast(bindparam(None, document, Text), JSONB))
        columns = [column(key, kind) for key, kind in types.items()]
        return given.table_valued(*columns, name=name).render_derived(with_types=True)
    each = func.json_each(bindparam(None, document, Text)).table_valued("value", name=f"{name}_json")
    cells = [
        type_coerce(func.json_extract(each.c.value, literal_column(f"'$.{key}'")), kind).label(key)
        for key, kind in types.items()
    ]
    return select(*cells).subquery(name)


def insert_many(
    model: Any, rows: Sequence[Mapping[str, Any]], *, once: Sequence[str] = (), returning: Sequence[Any] = ()
) -> Any:
    """Insert *rows*, all with the same columns, for the acting organisation in one statement; returns its result.

    With *once* those are left out whose values in these columns stand there already.
    """
    names = list(rows[0])
    types = {name: getattr(model, name).type for name in names}
    given = table_of("given", types, [[row[name] for name in names] for row in rows])
    # As a parameter the scope sees it and compares it with whom the session acts for.
    organization = bindparam("organization_id", type_=Integer)
    # SQLite would take «ON CONFLICT» for the condition of a join if nothing stood between.
    chosen = select(organization, *(given.c[name] for name in names)).where(true())
    dialect = postgresql if db.session.connection().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(model).from_select(["organization_id", *names], chosen)
    if once:
        statement = statement.on_conflict_do_nothing(index_elements=list(once))
    if returning:
        statement = statement.returning(*returning)
    organization_id = actor_of(db.session()).organization_id
    plainly = {"dml_strategy": "raw", "synchronize_session": False}
    return db.session.execute(statement, {"organization_id": organization_id}, execution_options=plainly)


def _plain(
    dialect: Dialect, types: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]
) -> list[dict[str, Any]]:
    """The values as the database keeps them, which JSON can carry."""
    processors = [kind.dialect_impl(dialect).bind_processor(dialect) for kind in types.values()]
    return [
        {
            key: _as_json(processor(value) if processor else value)
            for key, processor, value in zip(types, processors, row, strict=True)
        }
        for row in rows
    ]


def _as_json(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value
