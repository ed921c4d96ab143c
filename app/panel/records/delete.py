"""Soft delete by the batch, with all that goes along, and its undo for the one who did it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from app.extensions import db
from app.panel.records.restore import DeletableRow, Gone, Restored, find_batch, restore
from app.panel.records.undo import UndoBatch, current_undo_batch, may_undo, record_undo
from models.audit.recorder import name_event, record_change
from models.tenancy.scope import actor_of, whole_organization
from models.trash import children_of, notify_trash_change


def erase(rows: Sequence[Any]) -> None:
    """Delete *rows* for good, for tables that need no trash: their trail tells of them."""
    for row in rows:
        db.session.delete(row)
    db.session.flush()


def soft_delete(model: type[DeletableRow], keys: Sequence[int]) -> UUID:
    """Hide the rows, and what goes with them, and return the batch they went in; the scope bounds the statement."""
    act = current_undo_batch()
    session = db.session()
    name_event(session, "delete", model, keys)
    for key in keys:
        record_change(session, "delete", model, key, row=session.get(model, key) if len(keys) == 1 else None)
    stamp = {"deleted_at": act.at, "deleted_by_id": actor_of(session).member_id, "delete_batch": act.batch}
    gone = _hide(model, model.id.in_(keys), stamp)
    # What belongs to a row goes with it, also rows of colleagues.
    with whole_organization(session):
        _take_along(model, keys, stamp)
        notify_trash_change(model, gone, restored=False)
    session.expire_all()
    return act.batch


def _take_along(model: type[DeletableRow], keys: Sequence[int], stamp: Mapping[str, Any]) -> None:
    for link in children_of(model):
        gone = _hide(link.child, link.column.in_(keys), stamp)
        for key in gone:
            record_change(db.session(), "delete", link.child, key)
        if gone:
            _take_along(link.child, gone, stamp)
            notify_trash_change(link.child, gone, restored=False)


def _hide(
    model: type[DeletableRow], condition: ColumnElement[bool], stamp: Mapping[str, Any]
) -> Sequence[int]:
    statement = update(model).where(condition).values(**stamp).returning(model.id)
    keys: Sequence[int] = db.session.scalars(statement.execution_options(synchronize_session=False)).all()
    return keys


def undo_delete(model: type[DeletableRow], batch: UUID) -> Restored:
    """Bring the actor's own fresh batch back, whole; of one that is not his, or no longer fresh, nothing."""
    mine = model.deleted_by_id == actor_of(db.session()).member_id
    statement = select(model.deleted_at).where(model.delete_batch == batch, mine).limit(1)
    at = db.session.scalar(statement, execution_options={"with_deleted": True})
    if at is None or not may_undo(UndoBatch(batch, at)):
        return Restored()
    try:
        restored = restore(find_batch(batch), action="undo", model=model)
    except Gone:
        return Restored()
    record_undo(UndoBatch(batch, at))
    return restored
