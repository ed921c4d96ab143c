"""Conditions with bind parameters: equal filters with different values share one compiled statement."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import BindParameter, ColumnElement, Integer, Select, and_, bindparam, inspect, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

from app.extensions import db
from models.tenancy.own_rows import AmongOwn
from models.tenancy.scope import actor_of

# One entry for each filter and number of values, and for each combination of filters.
CACHE_SIZE = 1_000
_Function = TypeVar("_Function", bound=Callable[..., Any])


def cached_clause(function: _Function) -> _Function:
    """A decorator that caches a function of hashable arguments which builds a clause or statement."""
    return cast("_Function", lru_cache(maxsize=CACHE_SIZE)(function))


@dataclass(frozen=True, eq=False)
class Condition:
    """A WHERE clause with named bind parameters, and their values.

    The clause is cached, so that equal filters share one compiled statement.
    """

    clause: ColumnElement[bool]
    values: Mapping[str, Any] = field(default_factory=dict)

    def narrow(self, statement: Select[Any]) -> Select[Any]:
        """*statement* with the condition and its values, for a statement that is not cached."""
        return statement.where(self.clause).params(self.values)


def both(first: Condition, second: Condition) -> Condition:
    """Both conditions, joined by AND."""
    return Condition(_and(first.clause, second.clause), {**first.values, **second.values})


@cached_clause
def _and(first: ColumnElement[bool], second: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(first, second)


def parameter(name: str, column_type: TypeEngine[Any], *, several: bool = False) -> BindParameter[Any]:
    """A bind parameter for a value of that type, or for a list of *several*."""
    return bindparam(name, type_=column_type, expanding=several)


def acting_member() -> BindParameter[int]:
    """The key of the acting member, read whenever the statement is executed; for cached conditions."""
    return bindparam(
        "acting_member", type_=Integer(), callable_=lambda: actor_of(db.session()).member_id or 0
    )


@cached_clause
def among(column: ColumnElement[Any] | InstrumentedAttribute[Any], name: str) -> ColumnElement[bool]:
    """The condition that *column* has one of the values of the parameter *name*."""
    return column.in_(parameter(name, column.type, several=True))


def among_related(model: type[Any], relation_name: str, clause: ColumnElement[bool]) -> ColumnElement[bool]:
    """The rows of *model*, in a list of live rows, whose related row meets *clause*."""
    relation = inspect(model).relationships[relation_name]
    target: type[Any] = relation.mapper.class_
    key = next(iter(relation.local_columns))
    keys = select(target.id).where(clause)
    if relation_name in getattr(model, "__shows__", ()):
        # The own rows of the list limit the related ones, so that these need no list of own keys.
        keys = keys.where(AmongOwn(target.id))
    found: ColumnElement[bool] = key.in_(keys)
    return found
