"""Lightweight row objects with the model's properties and no ORM state.

An ORM entity costs several times as much as its columns, and a list needs no change tracking. A page loads the columns
that its section declares; a property declares by `@reads` which columns it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from types import FunctionType
from typing import Any

from sqlalchemy import Select, Subquery, inspect, select
from sqlalchemy.orm import aliased

from models.base import Row


class NotLoaded(LookupError):
    """A page read an attribute that its list does not load; name it in `preload`."""


class UndeclaredReads(LookupError):
    """A list shows a property without `@reads`."""


class PageRow:
    """A row whose attributes are the selected values, with the properties of the model."""

    mapped: frozenset[str] = frozenset()

    def __getattr__(self, name: str) -> Any:
        if name in self.mapped:
            raise NotLoaded(f"{type(self).__name__}.{name} is not loaded by the list")
        raise AttributeError(name)


@cache
def row_class(model: type[Row]) -> type[PageRow]:
    """A class with the properties and methods of *model*, without its mapped attributes."""
    mapped = frozenset(inspect(model).attrs.keys())
    members: dict[str, Any] = {"mapped": mapped}
    for base in reversed(model.__mro__):
        for name, attribute in vars(base).items():
            if name in mapped or (name.startswith("__") and name != "__str__"):
                continue
            if isinstance(attribute, property | FunctionType):
                members[name] = attribute
    return type(f"{model.__name__}Row", (PageRow,), members)


class Projection:
    """The columns and relations of *model* that a page loads, as a tree made from dotted paths."""

    def __init__(self, model: type[Row], paths: Iterable[str] = ()) -> None:
        self.model: Any = model
        self.names: list[str] = ["id"]
        self.children: dict[str, Projection] = {}
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        """Load *path* too, with the columns that it is computed from."""
        name, _dot, rest = path.partition(".")
        mapper = inspect(self.model)
        if name in mapper.relationships:
            target = mapper.relationships[name].mapper.class_
            child = self.children.setdefault(name, Projection(target))
            for each in [rest] if rest else columns_used_by(target, "__str__"):
                child.add(each)
        elif name in mapper.column_attrs:
            if name not in self.names:
                self.names.append(name)
        else:  # a property, or `__str__`
            for each in columns_used_by(self.model, name):
                self.add(each)

    def select(self, keys: Subquery) -> Select[Any]:
        """The columns of the rows with *keys*; parents are outer joined."""
        columns, joins = self.columns_and_joins
        # Join the keys first, because PostgreSQL keeps the written order of joins beyond a number of tables.
        statement = select(*columns).select_from(self.model).join(keys, keys.c.id == self.model.id)
        for target, condition in joins:
            statement = statement.outerjoin(target, condition)
        return statement

    @cached_property
    def columns_and_joins(self) -> tuple[list[Any], list[tuple[Any, Any]]]:
        """The columns of the model and its parents in the order of `build`, and the parents with their conditions."""
        columns: list[Any] = []
        joins: list[tuple[Any, Any]] = []
        self._collect(self.model, columns, joins)
        return columns, joins

    def _collect(self, entity: Any, columns: list[Any], joins: list[tuple[Any, Any]]) -> None:
        columns += [getattr(entity, name) for name in self.names]
        for name, child in self.children.items():
            target = aliased(child.model)
            joins.append((target, getattr(entity, name).of_type(target)))
            child._collect(target, columns, joins)

    def build(self, rows: Iterable[Sequence[Any]]) -> list[Any]:
        """Row objects from the result of `select`."""
        return [self._build(row) for row in rows]

    def _build(self, values: Sequence[Any]) -> Any:
        made: list[Any] = []
        for class_, names, start, end, parent, relation in self._plan:
            # The key is the first value; a missing parent has none.
            exists = relation is None or values[start] is not None
            row: Any = class_() if exists else None
            if exists:
                row.__dict__ = dict(zip(names, values[start:end], strict=True))
            made.append(row)
            if relation is not None and made[parent] is not None:
                made[parent].__dict__[relation] = row
        return made[0]

    @cached_property
    def _plan(self) -> list[tuple[Any, tuple[str, ...], int, int, int, str | None]]:
        """For each row object: class, names, slice of the values, index of its parent object, relation in that object."""
        plan: list[tuple[Any, tuple[str, ...], int, int, int, str | None]] = []
        self._add_to(plan, 0, 0, None)
        return plan

    def _add_to(self, plan: list[Any], start: int, parent: int, relation: str | None) -> int:
        end, place = start + len(self.names), len(plan)
        plan.append((row_class(self.model), tuple(self.names), start, end, parent, relation))
        for name, child in self.children.items():
            end = child._add_to(plan, end, place, name)
        return end


@cache
def projection_of(model: type[Row], paths: tuple[str, ...]) -> Projection:
    """The projection of the paths; cached, so that all pages share its statement."""
    return Projection(model, paths)


@cache
def columns_used_by(model: type[Row], name: str) -> tuple[str, ...]:
    """The names that the property or method *name* of *model* reads, as declared by its `@reads`."""
    attribute = next((vars(base)[name] for base in model.__mro__ if name in vars(base)), None)
    function = attribute.fget if isinstance(attribute, property) else attribute
    if not isinstance(function, FunctionType):
        return ()
    declared: tuple[str, ...] | None = getattr(function, "reads", None)
    if declared is None:
        raise UndeclaredReads(f"{model.__name__}.{name} needs @reads with the names that it reads")
    return declared
