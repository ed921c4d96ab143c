"""The parts that all filters share: argument names, results, errors, limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.orm import InstrumentedAttribute

from app.panel.columns import Column
from app.panel.queries.clauses import Condition
from models.types import Money

PREFIX = "f_"
FROM, TO, STATE = "_from", "_to", "_is"
MOST_SMALL, MOST_LARGE = 2**31 - 1, 2**63 - 1
# The most values of one filter.
MOST_VALUES = 50


@dataclass(frozen=True)
class Applied:
    """An applied filter: the text of its chip, its condition, the names of its arguments."""

    label: str
    words: str
    condition: Condition
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class FilterProblem:
    """An invalid filter: the message, the argument that is wrong, and all arguments of the filter."""

    label: str
    sentence: str
    argument: str
    arguments: tuple[str, ...]


class UnreadableFilter(ValueError):
    """An argument of a filter is invalid; has the message for its field."""

    def __init__(self, argument: str, sentence: str) -> None:
        super().__init__(sentence)
        self.argument, self.sentence = argument, sentence


@dataclass(frozen=True)
class Part:
    """The meaning of one argument, or pair of arguments, of a column."""

    words: str
    condition: Condition


def name_of(column: Column) -> str:
    return PREFIX + column.path


def value_name(column: Column, end: str = "") -> str:
    """The name of the bind parameter of a filter."""
    return f"{name_of(column)}{end}".replace(".", "__")


def arguments_of(column: Column) -> tuple[str, ...]:
    """The names of all arguments of the filters on *column*."""
    name = name_of(column)
    return name, f"{name}{FROM}", f"{name}{TO}", f"{name}{STATE}"


def column_named(columns: Iterable[Column], path: str) -> Column | None:
    """The column of *columns* with that path, which may come from an address."""
    return next((column for column in columns if column.path == path), None)


def most_of(attribute: InstrumentedAttribute[Any]) -> int:
    """The largest number that fits into the column."""
    # PostgreSQL raises an error when a column is compared with a larger number.
    return MOST_LARGE if isinstance(attribute.type, BigInteger | Money) else MOST_SMALL
