"""The resolution of dotted names in a declaration, from the model of its section."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Enum, inspect

from app.panel.check.problems import nearest
from models.types import Choice


class PathKind(enum.Enum):
    """The kind of the attribute at the end of a path."""

    COLUMN = "column"
    RELATION = "relation"
    PROPERTY = "property"


@dataclass(frozen=True)
class Found:
    """The attribute at the end of a path, and its kind."""

    kind: PathKind
    prop: Any
    is_own: bool  # of the model itself, not of a related one

    @property
    def column_type(self) -> Any:
        return self.prop.columns[0].type


@dataclass(frozen=True)
class Missing:
    """An invalid path, with the reason and the nearest valid path."""

    reason: str
    nearest: str | None = None


def resolve(model: type[Any], path: str) -> Found | Missing:
    """The column, relation or property at *path*, whose other steps are relations to one row."""
    steps, here = path.split("."), model
    for index, step in enumerate(steps[:-1]):
        relation = inspect(here).relationships.get(step)
        if relation is None:
            return _missing(here, steps, index, relations_only=True)
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
    """*found*, unless it is an enumeration without labels, which can be neither shown nor chosen."""
    column_type = found.column_type
    if isinstance(column_type, Enum) and not (
        column_type.enum_class and issubclass(column_type.enum_class, Choice)
    ):
        return Missing("is an enumeration whose members have no label; derive it from `Choice`")
    return found


def _missing(model: type[Any], steps: list[str], index: int, *, relations_only: bool = False) -> Missing:
    valid = names_of(model, relations_only=relations_only)
    better = nearest(steps[index], valid)
    what = "relation" if relations_only else "name"
    reason = f"does not exist: {model.__name__} has no {what} {steps[index]!r}"
    path = ".".join([*steps[:index], better, *steps[index + 1 :]]) if better else None
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
