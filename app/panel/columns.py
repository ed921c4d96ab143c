"""What a name in a declaration means: label, kind, value and relations, read off the model's columns."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from flask_babel import LazyString
from sqlalchemy import Boolean, Date, Enum, Integer, Text, inspect
from sqlalchemy.orm import ColumnProperty, Mapper, RelationshipProperty

from models.types import Colour, Mobile, Money, UtcDateTime


class Kind(enum.Enum):
    """How a value is shown, edited and filtered."""

    # Asked for with every cell; there is one of each, and Python's own works the name out.
    __hash__ = object.__hash__

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MONEY = "money"
    MOBILE = "mobile"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    COLOUR = "colour"
    RELATION = "relation"
    WORD = "word"  # one of a set that grows with the sections


@dataclass(frozen=True, eq=False)
class Column:
    """One declared name, such as ``next_at`` or ``customer.mobile``; itself, hence quick, as a key of what is kept."""

    path: str
    label: LazyString | str
    kind: Kind
    help: LazyString | str | None
    relations: tuple[str, ...]  # the relations walked through, outermost first
    attribute: Any  # the mapped attribute at the end, None for a plain property
    target: type[Any] | None  # the related class of a relation
    nullable: bool
    words: Callable[[], Mapping[str, str]] | None = None  # what the values of a WORD are called

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    @cached_property
    def steps(self) -> tuple[str, ...]:
        """The relations on the way, and the name at its end."""
        return tuple(self.path.split("."))

    def value(self, row: Any) -> Any:
        """What stands in *row*; None as soon as a relation on the way is empty."""
        for part in self.steps:
            row = getattr(row, part, None)
        return row


def describe(model: type[Any], path: str, *, labels: dict[str, Any] | None = None) -> Column:
    """Read *path* off *model*; a property needs a label from *labels*."""
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


def _plain(path: str, prop: ColumnProperty[Any], label: Any, relations: tuple[str, ...]) -> Column:
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
    path: str, relation: RelationshipProperty[Any], label: Any, relations: tuple[str, ...]
) -> Column:
    """A relation borrows the label of its foreign key, so that it stands once."""
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


_KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (Mobile, Kind.MOBILE),
    (Money, Kind.MONEY),
    (UtcDateTime, Kind.DATETIME),
    (Date, Kind.DATE),
    (Boolean, Kind.BOOLEAN),
    (Integer, Kind.NUMBER),
    (Text, Kind.LONG_TEXT),
)


def kind_of(column_type: Any) -> Kind:
    """The kind of a column by its type, the most telling one first."""
    if isinstance(column_type, Enum):
        chosen = column_type.enum_class
        return Kind.COLOUR if chosen and issubclass(chosen, Colour) else Kind.CHOICE
    return next((kind for known, kind in _KINDS if isinstance(column_type, known)), Kind.TEXT)


def kind_of_value(value: Any) -> Kind:
    """The kind of a property's value, which no column describes."""
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, int):
        return Kind.NUMBER
    if isinstance(value, datetime):
        return Kind.DATETIME
    return Kind.DATE if isinstance(value, date) else Kind.TEXT
