"""Many rows of values as one parameter of a statement, so that it is the same statement for any number of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Dialect,
    FromClause,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from app.extensions import db


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
    return value.isoformat() if isinstance(value, datetime) else value
