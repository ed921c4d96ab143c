"""Inserts the many rows of the demo: one statement for each table and batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Enum,
    Integer,
    String,
    Text,
    TypeDecorator,
    bindparam,
    cast,
    func,
    inspect,
    select,
)

from app.extensions import db
from app.services.bulk import insert_many
from models.filter_keys import FOLDS, key_of
from models.tenancy.scope import actor_of
from models.upsert import upsert

_MOMENTS = frozenset({"created_at", "updated_at"})
# Characters that no text of the demo has.
_SEPARATOR, _NULL = "\x1f", "\x1e"
_fold = lru_cache(maxsize=20_000)(key_of)


def renew_plans(*models: Any) -> None:
    """Let PostgreSQL count the rows of *models* and plan anew: it has planned its checks for empty tables."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ANALYZE {', '.join(model.__tablename__ for model in models)}")
        connection.exec_driver_sql("DISCARD PLANS")


def insert_rows(model: Any, rows: list[dict[str, Any]], *, at: datetime) -> list[dict[str, Any]]:
    """Insert *rows*, which name the same columns, and add their ids; rows without a time of their own are of *at*.

    Rows without an author came through a form of the website.
    """
    if not rows:
        return rows
    common, folded = _left_out(model, frozenset(rows[0]), at)
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    for name, source in folded:
        columns[name] = [_fold(source, value) for value in columns.get(source.name, [None] * len(rows))]
    # The ids grow in the order in which PostgreSQL and SQLite read the rows.
    for row, key in zip(rows, sorted(_insert(model, columns, common)), strict=True):
        row["id"] = key
    return rows


def _insert(model: Any, columns: Mapping[str, list[Any]], common: Mapping[str, Any]) -> Sequence[int]:
    """Insert rows given by their columns and the values that all have; returns their ids."""
    table: Any = inspect(model).local_table
    is_plain = not any(isinstance(table.columns[name].type, JSON) for name in [*columns, *common])
    # The text of one empty value would be an array without any.
    are_several = len(next(iter(columns.values()))) > 1
    if db.session.connection().dialect.name == "postgresql" and is_plain and are_several:
        return _insert_arrays(model, columns, common)
    rows = [
        {**common, **dict(zip(columns, values, strict=True))}
        for values in zip(*columns.values(), strict=True)
    ]
    keys: Sequence[int] = insert_many(model, rows, returning=[model.id]).scalars().all()
    return keys


def _insert_arrays(model: Any, columns: Mapping[str, list[Any]], common: Mapping[str, Any]) -> Sequence[int]:
    """Each column travels as one text, which costs both sides less than a document of rows."""
    table: Any = inspect(model).local_table
    arrays = [_array(table.columns[name].type, values) for name, values in columns.items()]
    given = func.unnest(*arrays).table_valued(*columns, name="given").render_derived()
    same = [bindparam(None, value, type_=table.columns[name].type) for name, value in common.items()]
    # A parameter, because the scope compares it with the organisation of the session.
    organization = bindparam("organization_id", type_=Integer)
    chosen = select(organization, *same, *(given.c[name] for name in columns))
    statement = upsert(db.session(), model).from_select(["organization_id", *common, *columns], chosen)
    inserted = db.session.execute(
        statement.returning(model.id),
        {"organization_id": actor_of(db.session()).organization_id},
        execution_options={"dml_strategy": "raw", "synchronize_session": False},
    )
    keys: Sequence[int] = inserted.scalars().all()
    return keys


def _array(kind: Any, values: Sequence[Any]) -> ColumnElement[Any]:
    """The array of *values*, which are such as the database stores: canonical numbers, moments in UTC."""
    if isinstance(kind, Enum):
        text, kind = [_NULL if value is None else value.value for value in values], String()
    else:
        text = [_NULL if value is None else str(value) for value in values]
    while isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    document = bindparam(None, _SEPARATOR.join(text), type_=Text, unique=True)
    return cast(func.string_to_array(document, _SEPARATOR, _NULL), ARRAY(kind))


def _left_out(
    model: Any, given: frozenset[str], at: datetime
) -> tuple[dict[str, Any], Sequence[tuple[str, Any]]]:
    """The defaults of the columns that are not *given*, and the filter keys with the columns that they fold."""
    defaults: dict[str, Any] = {}
    folded: list[tuple[str, Any]] = []
    table: Any = inspect(model).local_table
    for column in table.columns:
        if column.name in given:
            continue
        if (source := column.info.get(FOLDS)) is not None:
            folded.append((column.name, table.columns[source]))
        elif column.name in _MOMENTS:
            defaults[column.name] = at
        elif column.default is not None:
            given_value = column.default.arg
            defaults[column.name] = given_value(None) if callable(given_value) else given_value
    return defaults, folded
