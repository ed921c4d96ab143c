"""The columns of a declaration: label, kind, value and relations of a name, read from the model."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from flask_babel import LazyString
from sqlalchemy import Boolean, Date, Enum, Integer, Text, Time, inspect
from sqlalchemy.orm import ColumnProperty, Mapper, RelationshipProperty
from sqlalchemy.types import TypeEngine

from models.types import Colour, Mobile, Money, UtcDateTime


class Kind(enum.Enum):
    """How a value is shown, edited and filtered."""

    # Every cell looks its kind up in a dictionary; the hash of the object is faster than that of the name.
    __hash__ = object.__hash__

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    MOBILE = "mobile"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"  # of the day
    BOOLEAN = "boolean"
    CHOICE = "choice"
    COLOUR = "colour"
    RELATION = "relation"
    WORD = "word"  # one of a set of texts that sections extend


@dataclass(frozen=True, eq=False)
class Column:
    """A declared name, such as ``next_at`` or ``customer.mobile``."""

    # Compared by identity (eq=False), so that it is a cheap key of caches.

    path: str
    label: LazyString | str
    kind: Kind
    help: LazyString | str | None
    relations: tuple[str, ...]  # the relations of the path, outermost first
    attribute: Any  # the mapped attribute at the end of the path, None for a plain property
    target: type[Any] | None  # the related class of a relation
    nullable: bool
    words: Callable[[], Mapping[str, str]] | None = None  # the labels of the values of a WORD
    owners: Any = None  # the `Owners` of a section, where the column is that of its `owners`

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    @cached_property
    def steps(self) -> tuple[str, ...]:
        """The relations of the path and the name at its end."""
        return tuple(self.path.split("."))

    def value(self, row: object) -> Any:
        """The value in *row*; None where a relation of the path is empty."""
        found = row
        for step in self.steps:
            found = getattr(found, step, None)
        return found


def describe(model: type[Any], path: str, *, labels: dict[str, Any] | None = None) -> Column:
    """The column of *model* at *path*; *labels* has the labels of properties."""
    *steps, name = path.split(".")
    for step in steps:
        model = inspect(model).relationships[step].mapper.class_
    mapper: Mapper[Any] = inspect(model)
    label = (labels or {}).get(path)
    relation = mapper.relationships.get(name)
    if relation is not None:
        return _relation(path, relation, label, (*steps, name))
    if name not in mapper.column_attrs:
        return Column(path, label or name, Kind.TEXT, None, tuple(steps), None, None, nullable=True)
    return _plain(path, mapper.column_attrs[name], label, tuple(steps))


def _plain(
    path: str, prop: ColumnProperty[Any], label: LazyString | None, relations: tuple[str, ...]
) -> Column:
    column = prop.columns[0]
    info = column.info
    return Column(
        path=path,
        label=label or info.get("label") or prop.key,
        kind=kind_of(column.type),
        help=info.get("help"),
        relations=relations,
        attribute=prop.class_attribute,
        target=None,
        nullable=bool(column.nullable),
    )


def _relation(
    path: str, relation: RelationshipProperty[Any], label: LazyString | None, relations: tuple[str, ...]
) -> Column:
    """The column of a relation, with the label of its foreign key."""
    foreign_key: Any = next(iter(relation.local_columns))
    return Column(
        path=path,
        label=label or foreign_key.info.get("label") or relation.key,
        kind=Kind.RELATION,
        help=foreign_key.info.get("help"),
        relations=relations,
        attribute=relation.class_attribute,
        target=relation.mapper.class_,
        nullable=bool(foreign_key.nullable),
    )


# The most specific type comes first.
_KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (Mobile, Kind.MOBILE),
    (Money, Kind.MONEY),
    (UtcDateTime, Kind.DATETIME),
    (Date, Kind.DATE),
    (Time, Kind.TIME),
    (Boolean, Kind.BOOLEAN),
    (Integer, Kind.NUMBER),
    (Text, Kind.LONG_TEXT),
)


def kind_of(column_type: TypeEngine[Any]) -> Kind:
    """The kind of a column by its type."""
    if isinstance(column_type, Enum):
        chosen = column_type.enum_class
        return Kind.COLOUR if chosen and issubclass(chosen, Colour) else Kind.CHOICE
    return next((kind for known, kind in _KINDS if isinstance(column_type, known)), Kind.TEXT)


def kind_of_value(value: object) -> Kind:
    """The kind of the value of a property, which has no column."""
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, int):
        return Kind.NUMBER
    if isinstance(value, datetime):
        return Kind.DATETIME
    if isinstance(value, time):
        return Kind.TIME
    return Kind.DATE if isinstance(value, date) else Kind.TEXT
