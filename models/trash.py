"""Soft deletion: which rows are deleted together, and which must be restored first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import Index, inspect

from models.base import SoftDelete, Tenant
from models.child.one_flag import IS_FLAG

# A deleted row can be restored for this long; after it the row is erased, or stays only for history.
TRASH_RETENTION = timedelta(days=30)


TrashListener = Callable[[Sequence[int], bool], None]
_listeners: dict[Any, list[TrashListener]] = {}


def on_trash_change(model: Any) -> Callable[[TrashListener], TrashListener]:
    """Register a listener for rows of *model*: it gets their keys, and True when they were restored."""

    def register(listener: TrashListener) -> TrashListener:
        _listeners.setdefault(model, []).append(listener)
        return listener

    return register


def notify_trash_change(model: Any, keys: Sequence[int], *, restored: bool) -> None:
    """Call the listeners of *model*, in the transaction that deletes or restores its rows."""
    for listener in _listeners.get(model, ()) if keys else ():
        listener(keys, restored)


@dataclass(frozen=True)
class Cascade:
    """Rows of `child` are deleted and restored with the row of `parent` that their `column` names."""

    child: Any
    column: Any
    parent: Any


@cache
def soft_deleted_models() -> tuple[Any, ...]:
    """All models with soft deletion, parents before their children."""
    position = {table: number for number, table in enumerate(Model.metadata.sorted_tables)}
    found = [m.class_ for m in Model.registry.mappers if issubclass(m.class_, SoftDelete)]
    return tuple(
        sorted(
            (each for each in found if issubclass(each, Tenant)), key=lambda each: position[each.__table__]
        )
    )


@cache
def _cascades() -> tuple[Cascade, ...]:
    return tuple(
        _cascade(model, inspect(model).relationships[name])
        for model in soft_deleted_models()
        for name in model.__goes_with__
    )


def _cascade(model: Any, relation: Any) -> Cascade:
    key = inspect(model).get_property_by_column(next(iter(relation.local_columns))).key
    return Cascade(model, getattr(model, key), relation.mapper.class_)


def children_of(model: Any) -> Sequence[Cascade]:
    return [each for each in _cascades() if each.parent is model]


def parents_of(model: Any) -> Sequence[Cascade]:
    return [each for each in _cascades() if each.child is model]


def unique_indexes(model: Any) -> Sequence[Index]:
    """The unique indexes over rows that are not deleted."""
    indexes = [index for index in model.__table__.indexes if index.unique and IS_FLAG not in index.info]
    return [index for index in indexes if "deleted_at" in _condition(index)]


def _condition(index: Index) -> str:
    return str(index.dialect_options["postgresql"].get("where"))
