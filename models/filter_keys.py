"""Filter keys: the folded form of a text column, stored and indexed beside it, that text filters search in.

`field(..., folded=True)` declares one: the column «city» gets «city_key» and an index that serves any part of the text.
A key is written with its text on each way to the database: when an attribute is set (`models.text_rules`), when rows are
inserted without being loaded, and when a statement updates them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import BindParameter, Column, Index, Text, event
from sqlalchemy.orm import Mapper, ORMExecuteState, Session
from sqlalchemy.sql import ClauseElement

from app.lib.persian import fold
from models.types import Mobile

FOLDED, FOLDS = "folded", "folds"


class UnfoldedStatement(TypeError):
    """A statement that computes a folded text in the database, where its key can't be computed."""


def key_name(name: str) -> str:
    """What the key of the text column *name* is called."""
    return f"{name}_key"


def key_of(column: Any, value: str | None) -> str:
    """The key of *value* in the text column *column*; numbers are found with and without their prefix."""
    text = value or ""
    return fold(text.removeprefix("+98") if isinstance(column.type, Mobile) else text)


def is_folded(column: Any) -> bool:
    return bool(column.info.get(FOLDED))


def key_attribute(attribute: Any) -> Any:
    """The mapped attribute that holds the key of *attribute*; None where its column has none."""
    (column,) = attribute.property.columns
    return getattr(attribute.class_, key_name(attribute.key)) if is_folded(column) else None


def add_keys(mapper: Mapper[Any]) -> None:
    """Give the table of *mapper* a key and its index for each folded column; the mapper maps them like any other."""
    table: Any = mapper.local_table
    for column in [each for each in table.columns if is_folded(each)]:
        name = key_name(column.name)
        if name in table.columns:
            continue
        key = Column(
            name, Text, default=_default(column), server_default="", nullable=False, info={FOLDS: column.name}
        )
        table.append_column(key)
        # On PostgreSQL it serves «LIKE '%…%'», elsewhere it is an ordinary one.
        Index(f"ix_{table.name}_{name}", key, postgresql_using="gin", postgresql_ops={name: "gin_trgm_ops"})


def _default(column: Any) -> Callable[[Any], str]:
    def key(context: Any) -> str:
        return key_of(column, context.get_current_parameters().get(column.name))

    return key


@event.listens_for(Session, "do_orm_execute")
def _fold_statements(state: ORMExecuteState) -> None:
    """A statement that writes a folded text without loading its row writes the key as well."""
    table: Any = state.bind_mapper and state.bind_mapper.local_table
    if table is None or not (state.is_update or state.is_insert):
        return
    statement: Any = state.statement
    if state.is_insert:
        _refuse_missing_keys(table, statement)
        return
    given = {getattr(name, "key", name): value for name, value in (statement._values or {}).items()}
    if keys := _keys_beside(table, given):
        state.statement = statement.values(**keys)


def _refuse_missing_keys(table: Any, statement: Any) -> None:
    """The default of a key reads parameters, which the rows of a SELECT have not."""
    names = set(statement._select_names or ())
    missing = [name for name in names if is_folded(table.c[name]) and key_name(name) not in names]
    if missing:
        raise UnfoldedStatement(f"Insert {key_name(missing[0])} of {table.name} as well.")


def _keys_beside(table: Any, given: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for name, value in given.items():
        column = table.c.get(name)
        if column is not None and is_folded(column) and key_name(name) not in given:
            found[key_name(name)] = key_of(column, _plain(value, f"{table.name}.{name}"))
    return found


def _plain(value: Any, name: str) -> str | None:
    if isinstance(value, BindParameter):
        value = value.effective_value
    if isinstance(value, ClauseElement):
        raise UnfoldedStatement(f"{name} is computed by a statement: set {key_name(name)} as well.")
    return value
