"""Statements for hundreds of rows at once. The tenancy scope checks them like any other write."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, time
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    Dialect,
    FromClause,
    Integer,
    Text,
    any_,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from app.extensions import db
from models.tenancy.scope import INSERTED, actor_of, fill_tenant
from models.upsert import complete, upsert

# Types whose values JSON carries as they are.
_IN_JSON = frozenset({str, int, bool, float})
# The rows from which on columns with one value are looked for.
_MANY = 100
# The column with the place of a row, by which the rows are inserted.
_PLACE = "nth"


def prepare(model: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """*rows* with their organisation and author, which a flush would fill in."""
    session = db.session()
    if hasattr(model, "created_by_id"):
        member_id = actor_of(session).member_id
        for row in rows:
            row.setdefault("created_by_id", member_id)
    return fill_tenant(session, rows)


def insert_all(model: Any, rows: list[dict[str, Any]]) -> None:
    """Insert *rows*, with the defaults of *model* for what they leave out."""
    if rows:
        insert_many(model, complete(db.session.connection(), model, prepare(model, rows))).close()


def insert_keyed(model: Any, rows: list[dict[str, Any]]) -> list[int]:
    """Insert *rows* like `insert_all` and return their ids in the same order."""
    if not rows:
        return []
    given = complete(db.session.connection(), model, prepare(model, rows))
    # The database gives the ids in the order of the rows, and returns them in any order.
    return sorted(insert_many(model, given, returning=[model.id]).scalars())


def values_table(
    name: str, types: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]
) -> FromClause:
    """*rows* as a table called *name* with the columns *types*, for a join or an INSERT … SELECT.

    All rows travel in one JSON parameter, so the text of the statement does not depend on their number.
    """
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
    model: Any,
    rows: Sequence[Mapping[str, Any]],
    *,
    once: Sequence[str] = (),
    conflict: Callable[[postgresql.Insert], postgresql.Insert] | None = None,
    returning: Sequence[Any] = (),
) -> Any:
    """Insert *rows*, all with the same columns, for the acting organisation by way of a `values_table`.

    Returns the result with the columns *returning*. With *once*, the names of the columns of a unique index, rows
    whose values exist already are left out; *conflict* adds another clause for them. Unlike `insert_all`, defaults of
    *model* are not filled in.
    """
    names = [name for name in rows[0] if name != "organization_id"]
    common = _common(model, names, rows)
    types = {_PLACE: Integer()} | {name: getattr(model, name).type for name in names if name not in common}
    own = [name for name in types if name != _PLACE]
    given = values_table(
        "given", types, [[place, *(row[name] for name in own)] for place, row in enumerate(rows)]
    )
    # A parameter, because the scope compares it with the organisation of the session.
    organization = bindparam("organization_id", type_=Integer)
    values = [common[name] if name in common else given.c[name] for name in names]
    # Without a WHERE, SQLite would read «ON CONFLICT» as the condition of a join.
    chosen = select(organization, *values).where(true()).order_by(given.c[_PLACE])
    statement = upsert(db.session(), model).from_select(["organization_id", *names], chosen)
    if once:
        statement = statement.on_conflict_do_nothing(index_elements=list(once))
    if conflict is not None:
        statement = conflict(statement)
    organization_id = actor_of(db.session()).organization_id
    return db.session.execute(
        statement.returning(*returning) if returning else statement,
        {"organization_id": organization_id},
        execution_options={"dml_strategy": "raw", "synchronize_session": False, INSERTED: rows},
    )


def _common(model: Any, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The parameters of the columns that have one value in all rows: they travel once, not in each row."""
    if len(rows) < _MANY:
        # The text of the statement would depend on which values a few rows happen to share.
        return {}
    found: dict[str, Any] = {}
    is_typed = db.session.connection().dialect.name == "postgresql"
    for name in names:
        value, kind = rows[0][name], getattr(model, name).type
        # None is a value of JSON too, so such a column stays in the rows.
        if not isinstance(kind, JSON) and all(row[name] == value for row in rows):
            given = bindparam(f"all_{name}", value, kind)
            # PostgreSQL takes a NULL without a type for a text.
            found[name] = cast(given, kind) if is_typed else given
    return found


def among(attribute: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """The condition that *attribute* has one of *values*, in one parameter where the database takes a list as one.

    The driver numbers each parameter of a statement, so a thousand of them cost more than the rows that they find.
    """
    if db.session.connection().dialect.name != "postgresql":
        condition: ColumnElement[bool] = attribute.in_(values)
        return condition
    return attribute == any_(bindparam(None, list(values), postgresql.ARRAY(attribute.type)))


def _plain(
    dialect: Dialect, types: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]
) -> list[dict[str, Any]]:
    """*rows* as the database stores them, in values that JSON can carry."""
    if not rows:
        return []
    columns = [
        list(values) if convert is None else list(map(convert, values))
        for convert, values in zip(
            (_converter(dialect, kind) for kind in types.values()), zip(*rows, strict=True), strict=True
        )
    ]
    names = list(types)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _converter(dialect: Dialect, kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    """What makes a value of a column one that JSON can carry; None where it is one already."""
    # A JSON value stays one inside the parameter of PostgreSQL; SQLite stores its text.
    is_json = isinstance(kind, JSON) and dialect.name == "postgresql"
    process = None if is_json else kind.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return None if is_json or kind.python_type in _IN_JSON else _as_json
    return lambda value: _as_json(process(value))


def _as_json(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date | time) else value
