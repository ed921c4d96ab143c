"""Conditions with their values beside them: what is asked for in one way is one statement, whatever it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam

# Ways to ask: one for each filter with what it may hold, and those that meet in one address.
CACHE_SIZE = 1_000
cached_clause = lru_cache(maxsize=CACHE_SIZE)


@dataclass(frozen=True, eq=False)
class Condition:
    """`clause` names its values, and is the same object for whoever asks in the same way: it is a key of what is cached_clause."""

    clause: ColumnElement[bool]
    values: Mapping[str, Any] = field(default_factory=dict)

    def narrow(self, statement: Select[Any]) -> Select[Any]:
        """*statement* with the condition and its values, for who makes it for once."""
        return statement.where(self.clause).params(self.values)


def both(first: Condition, second: Condition) -> Condition:
    """One condition of two."""
    return Condition(_and(first.clause, second.clause), {**first.values, **second.values})


@cached_clause
def _and(first: ColumnElement[bool], second: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(first, second)


def parameter(name: str, kind: Any, *, several: bool = False) -> Any:
    """What stands for a value of the type *kind*; for a list of them where there are *several*."""
    return bindparam(name, type_=kind, expanding=several)


@cached_clause
def among(column: Any, name: str) -> ColumnElement[bool]:
    """One of the values called *name*."""
    found: ColumnElement[bool] = column.in_(parameter(name, column.type, several=True))
    return found
