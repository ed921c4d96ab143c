"""Conditions on related rows, and where the value of a column is stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, inspect

from app.panel.columns import Column
from app.panel.queries.clauses import Condition, among_related, cached_clause


def on_related(model: type[Any], relations: tuple[str, ...], condition: Condition) -> Condition:
    """*condition* on the row at the end of *relations* as a condition on *model*; the scope limits each step."""
    return (
        replace(condition, clause=_on_related(model, relations, condition.clause)) if relations else condition
    )


@cached_clause
def _on_related(
    model: type[Any], relations: tuple[str, ...], clause: ColumnElement[bool]
) -> ColumnElement[bool]:
    if not relations:
        return clause
    target: type[Any] = inspect(model).relationships[relations[0]].mapper.class_
    return among_related(model, relations[0], _on_related(target, relations[1:], clause))


def stored(column: Column) -> Any:
    """The mapped column of the value; for a relation its foreign key."""
    if column.target is None:
        return column.attribute
    return next(iter(column.attribute.property.local_columns))


def relations_to(column: Column) -> tuple[str, ...]:
    """The relations from the section's row to the row that has the value."""
    return column.relations if column.target is None else column.relations[:-1]
