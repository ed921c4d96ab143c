"""What the kinds of filters have in common: their place in the address, what they mean, and what can't be read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, inspect, select

from app.panel.columns import Column
from app.panel.queries.clauses import Condition, cached_clause
from models.types import Money

PREFIX = "f_"
FROM, TO, STATE = "_from", "_to", "_is"
MOST_SMALL, MOST_LARGE = 2**31 - 1, 2**63 - 1
# More values than anybody ticks, and fewer than a database minds.
MOST_VALUES = 50


@dataclass(frozen=True)
class Applied:
    """A filter in force: its words for the chip, its condition, the arguments it came from."""

    label: str
    words: str
    condition: Condition
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class FilterProblem:
    """A filter that could not be read: what is wrong with which argument."""

    label: str
    sentence: str
    argument: str
    arguments: tuple[str, ...]


class UnreadableFilter(ValueError):
    """An argument of a filter that means nothing; carries the sentence for its field."""

    def __init__(self, argument: str, sentence: str) -> None:
        super().__init__(sentence)
        self.argument, self.sentence = argument, sentence


@dataclass(frozen=True)
class Part:
    """What one argument or pair of arguments says about a column."""

    words: str
    condition: Condition


def name_of(column: Column) -> str:
    return PREFIX + column.path


def value_name(column: Column, end: str = "") -> str:
    """What a statement calls the value of a filter."""
    return f"{name_of(column)}{end}".replace(".", "__")


def arguments_of(column: Column) -> tuple[str, ...]:
    """All that the address may say about *column*."""
    name = name_of(column)
    return name, f"{name}{FROM}", f"{name}{TO}", f"{name}{STATE}"


def through(model: Any, relations: tuple[str, ...], condition: Condition) -> Condition:
    """*condition* on a related row as one on *model*; the scope bounds the rows on the way as well."""
    return replace(condition, clause=_through(model, relations, condition.clause)) if relations else condition


@cached_clause
def _through(model: Any, relations: tuple[str, ...], clause: ColumnElement[bool]) -> ColumnElement[bool]:
    if not relations:
        return clause
    relation = inspect(model).relationships[relations[0]]
    target: Any = relation.mapper.class_
    key = next(iter(relation.local_columns))
    return key.in_(select(target.id).where(_through(target, relations[1:], clause)))


def most_of(attribute: Any) -> int:
    """The largest number that the column holds; a larger one is an error to PostgreSQL, not a miss."""
    return MOST_LARGE if isinstance(attribute.type, BigInteger | Money) else MOST_SMALL


def stored(column: Column) -> Any:
    """The column that holds the value: for a relation its foreign key."""
    if column.target is None:
        return column.attribute
    return next(iter(column.attribute.property.local_columns))


def walked(column: Column) -> tuple[str, ...]:
    """The relations between the section's row and the one that holds the value."""
    return column.relations if column.target is None else column.relations[:-1]
