"""The deleted rows that a restoration concerns: a batch, or chosen rows with the children that were deleted with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Mapped

from app.extensions import db
from models.tenancy.scope import whole_organization
from models.trash import children_of, soft_deleted_models


class DeletableRow(Protocol):
    """A row with soft deletion (`models.base.Row` and `SoftDelete`)."""

    id: Mapped[int]
    deleted_at: Mapped[datetime | None]
    deleted_by_id: Mapped[int | None]
    delete_batch: Mapped[UUID | None]

    @classmethod
    def in_trash(cls) -> ColumnElement[bool]: ...


# The keys of the rows to restore, by model.
Wanted = Mapping[type[DeletableRow], Sequence[int]]

_PART = 1_000


def find_batch(batch: UUID) -> Wanted:
    """All rows that were deleted in *batch*."""
    return _deleted_where(lambda model: model.delete_batch == batch)


def find_rows(model: type[DeletableRow], keys: Sequence[int]) -> Wanted:
    """Deleted rows of one model, each with the children that were deleted with it."""
    found: dict[type[DeletableRow], list[int]] = {}
    with whole_organization(db.session()):
        for part in parts(keys):
            deleted = select(model.delete_batch, model.id).where(model.id.in_(part), model.in_trash())
            batches: dict[UUID | None, list[int]] = {}
            for batch, key in db.session.execute(deleted, execution_options={"with_deleted": True}):
                batches.setdefault(batch, []).append(key)
            for batch, of_batch in batches.items():
                found.setdefault(model, []).extend(of_batch)
                _add_children(found, model, of_batch, batch)
    return found


def merged(each: Iterable[Wanted]) -> Wanted:
    """The union of several sets of rows, each key once."""
    found: dict[type[DeletableRow], dict[int, None]] = {}
    for wanted in each:
        for model, keys in wanted.items():
            found.setdefault(model, {}).update(dict.fromkeys(keys))
    return {model: list(keys) for model, keys in found.items()}


def _add_children(
    found: dict[type[DeletableRow], list[int]],
    model: type[DeletableRow],
    keys: Sequence[int],
    batch: UUID | None,
) -> None:
    for link in children_of(model):
        in_batch = link.child.delete_batch == batch
        known = set(found.get(link.child, ()))
        for part in parts(keys):
            children = keys_with_deleted(select(link.child.id).where(link.column.in_(part), in_batch))
            added = [key for key in children if key not in known]
            if added:
                found.setdefault(link.child, []).extend(added)
                _add_children(found, link.child, added, batch)


def _deleted_where(condition: Callable[[type[DeletableRow]], ColumnElement[bool]]) -> Wanted:
    with whole_organization(db.session()):
        rows = {
            model: keys_with_deleted(select(model.id).where(condition(model)))
            for model in soft_deleted_models()
        }
    return {model: list(keys) for model, keys in rows.items() if keys}


def keys_with_deleted(statement: Select[tuple[int]]) -> Sequence[int]:
    keys: Sequence[int] = db.session.scalars(statement, execution_options={"with_deleted": True}).all()
    return keys


def parts(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + _PART] for start in range(0, len(keys), _PART))
