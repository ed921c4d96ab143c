"""Erases rows whose retention in the trash is over, unless other rows refer to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import Select, delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from app.extensions import db
from app.lib.clock import now
from app.services.audit.record import note
from models.audit.recorder import name_event
from models.trash import TRASH_RETENTION

# The most rows that one audit event can name; few enough for short locks.
CHUNK = 500
_WITH_DELETED = {"with_deleted": True}


def erase_chunk(model: Any, *, after: int) -> tuple[int | None, int]:
    """Erase overdue rows of *model* among the next chunk behind the key *after*, and flush.

    Returns the last key of the chunk (None at the end) and the number of erased rows. Rows that others refer to stay
    for good, hidden from the trash. Rows that are being restored are skipped.
    """
    keys = _overdue(model, after)
    if not keys:
        return None, 0
    free = db.session.scalars(_unnamed(model, keys), execution_options=_WITH_DELETED).all()
    erased = _erase(model, free) if free else []
    if erased:
        name_event(db.session(), "purge", model, erased)
        for key in erased:
            note("purge", model, key)
    return keys[-1], len(erased)


def _overdue(model: Any, after: int) -> Sequence[int]:
    statement = select(model.id).where(
        model.in_trash(), model.deleted_at <= now() - TRASH_RETENTION, model.id > after
    )
    locked = statement.order_by(model.id).limit(CHUNK).with_for_update(of=model, skip_locked=True)
    return db.session.scalars(locked, execution_options=_WITH_DELETED).all()


def _unnamed(model: Any, keys: Sequence[int]) -> Select[Any]:
    """Those of *keys* that no row of any table refers to."""
    named = [exists(select(other.id).where(column == model.id)) for other, column in _references(model)]
    return select(model.id).where(model.id.in_(keys), *(~each for each in named))


def _references(model: Any) -> Iterator[tuple[Any, Any]]:
    """The tables that refer to *model*, each with the column that does."""
    for mapper in Model.registry.mappers:
        for column in mapper.local_table.columns:
            if any(key.column.table is model.__table__ for key in column.foreign_keys):
                other = aliased(mapper.class_)
                yield other, getattr(other, mapper.get_property_by_column(column).key)


def _erase(model: Any, keys: Sequence[int]) -> Sequence[int]:
    try:
        with db.session.begin_nested():
            statement = delete(model).where(model.id.in_(keys)).returning(model.id)
            options = {"synchronize_session": False, **_WITH_DELETED}
            return db.session.scalars(statement, execution_options=options).all()
    except IntegrityError:
        # Somebody named one of them meanwhile; that one stays.
        return [key for each in keys for key in _erase(model, [each])] if len(keys) > 1 else []
