"""A condition for the member's own rows, compiled to a test of each row or to a list of keys.

A test with OR makes PostgreSQL read the whole table for a list. A list of keys reads one index per source; on PostgreSQL
the keys come in the order of the page, so reading stops at the last row of the page. For the few members who own a large
part of the table the test is better (`large_owners.py`).
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

# An execution option: the statement reads few rows, so each is tested. SQLAlchemy caches the compiled statement without
# it, so a statement has it always or never.
TEST_EACH = "test_each_row"
_RANGES = frozenset({operators.lt, operators.gt, operators.le, operators.ge})


class OwnRows(ColumnElement[bool]):
    """*test* is the condition on one row; *sources* are one-column selects whose union is the keys of all own rows."""

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


class AmongOwn(ColumnElement[bool]):
    """A condition without effect: the statement selects own rows of the table of *key* anyway, so no condition says it again."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals = [("key", InternalTraversal.dp_clauseelement)]

    def __init__(self, key: Any) -> None:
        self.key = key.__clause_element__()


@compiles(AmongOwn)
def _write_nothing(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "1 = 1"


@compiles(OwnRows)
def _write(element: Any, compiler: Any, **options: Any) -> str:
    statement = compiler.stack[-1]["selectable"] if compiler.stack else None
    conditions = list(_joined(getattr(statement, "_where_criteria", ())))
    if any(isinstance(each, AmongOwn) and _is(each.key, element.key) for each in conditions):
        return "1 = 1"
    # Joined parents (under an alias) and rows named by a key are few, so testing each row is cheaper.
    is_few = bool(compiler.execution_options.get(TEST_EACH)) or isinstance(
        element.key.table, AliasedReturnsRows
    )
    if is_few or any(_names_rows(c, element.key) for c in conditions):
        return f"({compiler.process(element.test, **options)})"
    ranges = [each for each in conditions if _is_range(each, element.key)]
    sources = [
        source.where(*(each.operator(source.selected_columns[0], each.right) for each in ranges))
        for source in element.sources
    ]
    if compiler.dialect.name == "postgresql" and _is_in_order_of(statement, element.key):
        keys: Any = _in_order(sources, descending=_is_descending(statement))
    else:
        # PostgreSQL knows how many keys a UNION has; it knows nothing of keys that are made distinct otherwise.
        keys = union(*sources)
    return str(compiler.process(element.key.in_(keys), **options))


def _in_order(sources: Sequence[Select[Any]], *, descending: bool) -> Select[Any]:
    """The distinct keys in order; the sources are sorted, so PostgreSQL merges them without a sort."""

    def by(column: Any) -> Any:
        return column.desc() if descending else column.asc()

    parts = [source.order_by(by(source.selected_columns[0])) for source in sources]
    key = union_all(*parts).subquery("own_keys").c[0]
    return select(key).ext(distinct_on(key)).order_by(by(key))


def _joined(conditions: Sequence[Any]) -> Iterator[Any]:
    """The conditions that are joined by AND; an OR of several is one of them."""
    for condition in conditions:
        if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
            yield from _joined(condition.clauses)
        else:
            yield condition


def _names_rows(comparison: Any, key: Any) -> bool:
    """Whether *comparison* selects single rows, or the rows of one parent, such as a customer's orders."""
    if isinstance(comparison, BooleanClauseList):
        each_names = (any(_names_rows(c, key) for c in _joined([each])) for each in comparison.clauses)
        return comparison.operator is operators.or_ and all(each_names)
    if not isinstance(comparison, BinaryExpression):
        return False
    column = comparison.left
    if _is(column, key):
        return comparison.operator in {operators.eq, operators.in_op}
    is_value = comparison.operator is operators.eq and isinstance(comparison.right, BindParameter)
    if not is_value or getattr(column, "table", None) is not key.table:
        return False
    return bool(column.foreign_keys) and column.name != "organization_id"


def _is_range(comparison: Any, key: Any) -> bool:
    if not isinstance(comparison, BinaryExpression):
        return False
    is_value = isinstance(comparison.right, BindParameter)
    return is_value and comparison.operator in _RANGES and _is(comparison.left, key)


def _is(column: Any, key: Any) -> bool:
    return bool(getattr(column, "table", None) is key.table and column.name == key.name)


def _is_in_order_of(statement: Any, key: Any) -> bool:
    """Whether the rows come in the order of their keys, so that reading can end with the page."""
    first = next(iter(getattr(statement, "_order_by_clauses", ())), None)
    return _is(first.element if isinstance(first, UnaryExpression) else first, key)


def _is_descending(statement: Any) -> bool:
    first = statement._order_by_clauses[0]
    return isinstance(first, UnaryExpression) and first.modifier is operators.desc_op
