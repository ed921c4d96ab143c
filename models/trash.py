"""What goes with what: the rows that a deletion takes along, and that must be back before another can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import Index, inspect

from models.base import SoftDelete, Tenant

# So long a row can be brought back; after that it is erased, or kept for history alone.
KEPT_FOR = timedelta(days=30)


Watcher = Callable[[Sequence[int], bool], None]
_watchers: dict[Any, list[Watcher]] = {}


def watches_trash(model: Any) -> Callable[[Watcher], Watcher]:
    """Have a function called with the keys of rows of *model* that were deleted (False) or restored (True)."""

    def register(watcher: Watcher) -> Watcher:
        _watchers.setdefault(model, []).append(watcher)
        return watcher

    return register


def trash_changed(model: Any, keys: Sequence[int], *, restored: bool) -> None:
    """Call the functions that watch *model*, in the transaction that deletes or restores its rows."""
    for watcher in _watchers.get(model, ()) if keys else ():
        watcher(keys, restored)


@dataclass(frozen=True)
class Link:
    """Rows of `child` go with the row of `parent` that their `column` names."""

    child: Any
    column: Any
    parent: Any


@cache
def soft_deleted_models() -> tuple[Any, ...]:
    """Every table whose rows are deleted softly, parents before their children."""
    place = {table: number for number, table in enumerate(Model.metadata.sorted_tables)}
    found = [m.class_ for m in Model.registry.mappers if issubclass(m.class_, SoftDelete)]
    return tuple(
        sorted((each for each in found if issubclass(each, Tenant)), key=lambda each: place[each.__table__])
    )


@cache
def _links() -> tuple[Link, ...]:
    return tuple(
        _link(model, inspect(model).relationships[name])
        for model in soft_deleted_models()
        for name in model.__goes_with__
    )


def _link(model: Any, relation: Any) -> Link:
    key = inspect(model).get_property_by_column(next(iter(relation.local_columns))).key
    return Link(model, getattr(model, key), relation.mapper.class_)


def children_of(model: Any) -> Sequence[Link]:
    return [link for link in _links() if link.parent is model]


def parents_of(model: Any) -> Sequence[Link]:
    return [link for link in _links() if link.child is model]


def live_keys(model: Any) -> Sequence[Index]:
    """The indexes in which a living row stands alone."""
    return [index for index in model.__table__.indexes if index.unique and "deleted_at" in _condition(index)]


def _condition(index: Index) -> str:
    return str(index.dialect_options["postgresql"].get("where"))
