"""Where a dotted name of a declaration leads to, starting from the model of its section."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Enum, inspect

from app.panel.check.problems import nearest
from models.types import Choice


class PathKind(enum.Enum):
    """What stands at the end of a path."""

    COLUMN = "column"
    RELATION = "relation"
    PROPERTY = "property"


@dataclass(frozen=True)
class Found:
    """The end of a path: its kind and the mapped attribute or property."""

    kind: PathKind
    prop: Any
    is_own: bool  # of the model itself, not of a related one

    @property
    def column_type(self) -> Any:
        return self.prop.columns[0].type


@dataclass(frozen=True)
class Missing:
    """A path that leads nowhere, why, and the nearest that leads somewhere."""

    reason: str
    nearest: str | None = None


def resolve(model: type[Any], path: str) -> Found | Missing:
    """Follow *path* over relations to one row each, to a column, a relation or a property."""
    steps, here = path.split("."), model
    for place, step in enumerate(steps[:-1]):
        relation = inspect(here).relationships.get(step)
        if relation is None:
            return _missing(here, steps, place, relations_only=True)
        if relation.uselist:
            return Missing(f"walks over {step}, which leads to many rows")
        here = relation.mapper.class_
    return _end(here, steps)


def _end(model: type[Any], steps: list[str]) -> Found | Missing:
    name, mapper, is_own = steps[-1], inspect(model), len(steps) == 1
    if name in mapper.relationships:
        relation = mapper.relationships[name]
        if relation.uselist:
            return Missing("leads to many rows; one value has no room for them")
        return Found(PathKind.RELATION, relation, is_own)
    if name in mapper.column_attrs:
        return _checked(Found(PathKind.COLUMN, mapper.column_attrs[name], is_own))
    attribute = next((vars(base)[name] for base in model.__mro__ if name in vars(base)), None)
    if name.startswith("_") or attribute is None or not hasattr(type(attribute), "__get__"):
        return _missing(model, steps, len(steps) - 1)
    if callable(attribute) or isinstance(attribute, classmethod | staticmethod):
        return Missing("is a method; a declaration names columns, relations and properties")
    return Found(PathKind.PROPERTY, attribute, is_own)


def _checked(found: Found) -> Found | Missing:
    """A choice without words of its own can be neither shown nor chosen."""
    kind = found.column_type
    if isinstance(kind, Enum) and not (kind.enum_class and issubclass(kind.enum_class, Choice)):
        return Missing("is an enumeration whose members have no label; derive it from `Choice`")
    return found


def _missing(model: type[Any], steps: list[str], place: int, *, relations_only: bool = False) -> Missing:
    valid = names_of(model, relations_only=relations_only)
    better = nearest(steps[place], valid)
    what = "relation" if relations_only else "name"
    reason = f"does not exist: {model.__name__} has no {what} {steps[place]!r}"
    path = ".".join([*steps[:place], better, *steps[place + 1 :]]) if better else None
    return Missing(reason, path)


def names_of(model: type[Any], *, relations_only: bool = False) -> set[str]:
    """The names that a declaration can use of *model*."""
    mapper = inspect(model)
    names = {relation.key for relation in mapper.relationships if not relation.uselist}
    if relations_only:
        return names
    properties = {
        name
        for base in model.__mro__
        for name, value in vars(base).items()
        if isinstance(value, property) and not name.startswith("_")
    }
    return names | set(mapper.column_attrs.keys()) | properties
