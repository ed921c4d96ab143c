"""The condition that a row is the member's own, written as the statement needs it: a test of one row, or a list of keys.

A test with an OR makes a list read its whole table. The keys of the own rows come from one index for each source; on
PostgreSQL they come in the order in which a page reads them, so that a page stops after its last row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Select,
    UnaryExpression,
    select,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList
from sqlalchemy.sql.selectable import AliasedReturnsRows
from sqlalchemy.sql.visitors import InternalTraversal

_RANGES = frozenset({operators.lt, operators.gt, operators.le, operators.ge})


class OwnRows(ColumnElement[bool]):
    """*test* says it of one row; *sources* are statements of one column, whose values together are the keys of all."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals = [
        ("key", InternalTraversal.dp_clauseelement),
        ("test", InternalTraversal.dp_clauseelement),
        ("sources", InternalTraversal.dp_clauseelement_list),
    ]

    def __init__(self, key: Any, test: ColumnElement[bool], sources: Sequence[Select[Any]]) -> None:
        self.key, self.test, self.sources = key.__clause_element__(), test, list(sources)

    @property
    def _from_objects(self) -> list[Any]:
        key: Any = self.key
        return [*key._from_objects, *self.test._from_objects]


@compiles(OwnRows)
def _write(element: Any, compiler: Any, **options: Any) -> str:
    statement = compiler.stack[-1]["selectable"] if compiler.stack else None
    conditions = list(_comparisons(getattr(statement, "_where_criteria", ())))
    # The parents that a page joins under an alias are few, and so are rows named by a key.
    if isinstance(element.key.table, AliasedReturnsRows) or any(
        _names_rows(c, element.key) for c in conditions
    ):
        return f"({compiler.process(element.test, **options)})"
    ranges = [each for each in conditions if _is_range(each, element.key)]
    sources = [
        source.where(*(each.operator(source.selected_columns[0], each.right) for each in ranges))
        for source in element.sources
    ]
    if compiler.dialect.name == "postgresql":
        keys: Any = _in_order(sources, descending=_is_descending(statement))
    else:
        keys = union(*sources)
    return str(compiler.process(element.key.in_(keys), **options))


def _in_order(sources: Sequence[Select[Any]], *, descending: bool) -> Select[Any]:
    """The keys without repetition, from sources that are each sorted: PostgreSQL merges them and sorts nothing."""

    def by(column: Any) -> Any:
        return column.desc() if descending else column.asc()

    parts = [source.order_by(by(source.selected_columns[0])) for source in sources]
    key = union_all(*parts).subquery("own_keys").c[0]
    return select(key).ext(distinct_on(key)).order_by(by(key))


def _comparisons(conditions: Sequence[Any]) -> Iterator[BinaryExpression[Any]]:
    """The comparisons that must all hold."""
    for condition in conditions:
        if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
            yield from _comparisons(condition.clauses)
        elif isinstance(condition, BinaryExpression):
            yield condition


def _names_rows(comparison: BinaryExpression[Any], key: Any) -> bool:
    """Whether it leaves single rows, or those of one parent, such as a customer's orders."""
    column = comparison.left
    if _is(column, key):
        return comparison.operator in {operators.eq, operators.in_op}
    is_value = comparison.operator is operators.eq and isinstance(comparison.right, BindParameter)
    if not is_value or getattr(column, "table", None) is not key.table:
        return False
    return bool(column.foreign_keys) and column.name != "organization_id"


def _is_range(comparison: BinaryExpression[Any], key: Any) -> bool:
    is_value = isinstance(comparison.right, BindParameter)
    return is_value and comparison.operator in _RANGES and _is(comparison.left, key)


def _is(column: Any, key: Any) -> bool:
    return bool(getattr(column, "table", None) is key.table and column.name == key.name)


def _is_descending(statement: Any) -> bool:
    first = next(iter(getattr(statement, "_order_by_clauses", ())), None)
    return first is None or (isinstance(first, UnaryExpression) and first.modifier is operators.desc_op)
