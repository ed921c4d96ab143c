"""Lightweight row objects with the model's properties and no ORM state.

An entity costs several times what its columns cost, and a list needs neither its history nor its identity. A page loads
the columns that its section declares; a property declares by `@reads` which columns it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from types import FunctionType
from typing import Any

from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import aliased


class NotLoaded(LookupError):
    """A page read something of a row that its section did not declare; name it in `preload`."""


class UndeclaredReads(LookupError):
    """A list shows a property whose columns are unknown."""


class PageRow:
    """One row: its selected values are attributes, and the model's properties work on them."""

    mapped: frozenset[str] = frozenset()

    def __getattr__(self, name: str) -> Any:
        if name in self.mapped:
            raise NotLoaded(f"{type(self).__name__}.{name} is not loaded by the list")
        raise AttributeError(name)


@cache
def row_class(model: Any) -> type[PageRow]:
    """A class with the properties and methods of *model*, and none of its mapped attributes."""
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
    """What a page loads of *model*: a tree of columns and relations, made from dotted paths."""

    def __init__(self, model: Any, paths: Iterable[str] = ()) -> None:
        self.model = model
        self.names: list[str] = ["id"]
        self.children: dict[str, Projection] = {}
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        """Load *path* too, with all that it is worked out from."""
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
        else:  # a property, or the row's own name
            for each in columns_used_by(self.model, name):
                self.add(each)

    def select(self, keys: Any) -> Select[Any]:
        """The columns of the rows whose keys the subquery *keys* holds; parents come by outer joins."""
        columns, joins = self._parts
        # The keys come first: beyond a number of tables PostgreSQL joins them in the order in which they stand.
        statement = select(*columns).select_from(self.model).join(keys, keys.c.id == self.model.id)
        for target, condition in joins:
            statement = statement.outerjoin(target, condition)
        return statement

    @cached_property
    def _parts(self) -> tuple[list[Any], list[tuple[Any, Any]]]:
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
        """What `select` found, dressed."""
        return [self._build(row) for row in rows]

    def _build(self, values: Sequence[Any]) -> Any:
        made: list[Any] = []
        for kind, names, start, end, parent, relation in self._plan:
            # The key comes first; a parent that is not there has none.
            there = relation is None or values[start] is not None
            row: Any = kind() if there else None
            if there:
                row.__dict__ = dict(zip(names, values[start:end], strict=True))
            made.append(row)
            if relation is not None and made[parent] is not None:
                made[parent].__dict__[relation] = row
        return made[0]

    @cached_property
    def _plan(self) -> list[tuple[Any, tuple[str, ...], int, int, int, str | None]]:
        """For each row that is made: its class, names, slice of the values, and as what it stands in which other one."""
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
def projection_of(model: Any, paths: tuple[str, ...]) -> Projection:
    """The projection of these paths, made once: its statement is the same for every page."""
    return Projection(model, paths)


@cache
def columns_used_by(model: Any, name: str) -> tuple[str, ...]:
    """What the property or method *name* of *model* reads, as its `@reads` declares."""
    attribute = next((vars(base)[name] for base in model.__mro__ if name in vars(base)), None)
    function = attribute.fget if isinstance(attribute, property) else attribute
    if not isinstance(function, FunctionType):
        return ()
    declared: tuple[str, ...] | None = getattr(function, "reads", None)
    if declared is None:
        raise UndeclaredReads(f"{model.__name__}.{name} needs @reads with the names that it reads")
    return declared
