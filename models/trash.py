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
TRASH_RETENTION = timedelta(days=30)


TrashListener = Callable[[Sequence[int], bool], None]
_watchers: dict[Any, list[TrashListener]] = {}


def on_trash_change(model: Any) -> Callable[[TrashListener], TrashListener]:
    """Have a function called with the keys of rows of *model* that were deleted (False) or restored (True)."""

    def register(watcher: TrashListener) -> TrashListener:
        _watchers.setdefault(model, []).append(watcher)
        return watcher

    return register


def notify_trash_change(model: Any, keys: Sequence[int], *, restored: bool) -> None:
    """Call the functions that watch *model*, in the transaction that deletes or restores its rows."""
    for watcher in _watchers.get(model, ()) if keys else ():
        watcher(keys, restored)


@dataclass(frozen=True)
class Cascade:
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
def _links() -> tuple[Cascade, ...]:
    return tuple(
        _link(model, inspect(model).relationships[name])
        for model in soft_deleted_models()
        for name in model.__goes_with__
    )


def _link(model: Any, relation: Any) -> Cascade:
    key = inspect(model).get_property_by_column(next(iter(relation.local_columns))).key
    return Cascade(model, getattr(model, key), relation.mapper.class_)


def children_of(model: Any) -> Sequence[Cascade]:
    return [link for link in _links() if link.parent is model]


def parents_of(model: Any) -> Sequence[Cascade]:
    return [link for link in _links() if link.child is model]


def unique_indexes(model: Any) -> Sequence[Index]:
    """The indexes in which a living row stands alone."""
    return [index for index in model.__table__.indexes if index.unique and "deleted_at" in _condition(index)]


def _condition(index: Index) -> str:
    return str(index.dialect_options["postgresql"].get("where"))
