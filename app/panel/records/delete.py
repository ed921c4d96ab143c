"""Soft deletion of rows and their children as a batch, and the undo for the member who deleted them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from app.extensions import db
from app.panel.records.deleted_rows import DeletableRow, find_batch
from app.panel.records.restore import UNDO, Gone, Restored, restore
from app.panel.records.undo import UndoBatch, current_undo_batch, may_undo, record_undo
from models.audit.recorder import name_event, record_change
from models.tenancy.scope import actor_of, whole_organization
from models.trash import children_of, notify_trash_change


def erase(rows: Sequence[Any]) -> None:
    """Delete *rows* permanently, for tables without soft deletion; the audit trail still lists them."""
    for row in rows:
        db.session.delete(row)
    db.session.flush()


def soft_delete(model: type[DeletableRow], keys: Sequence[int]) -> UUID:
    """Mark the rows in scope and their children as deleted and return the batch of the deletion."""
    act = current_undo_batch()
    session = db.session()
    name_event(session, "delete", model, keys)
    for key in keys:
        record_change(session, "delete", model, key, row=session.get(model, key) if len(keys) == 1 else None)
    marks = {"deleted_at": act.at, "deleted_by_id": actor_of(session).member_id, "delete_batch": act.batch}
    deleted = _mark_deleted(model, model.id.in_(keys), marks)
    # Children are deleted with their row, also those that belong to other members.
    with whole_organization(session):
        _delete_children(model, keys, marks)
        notify_trash_change(model, deleted, restored=False)
    session.expire_all()
    return act.batch


def _delete_children(model: type[DeletableRow], keys: Sequence[int], marks: Mapping[str, Any]) -> None:
    for link in children_of(model):
        deleted = _mark_deleted(link.child, link.column.in_(keys), marks)
        for key in deleted:
            record_change(db.session(), "delete", link.child, key)
        if deleted:
            _delete_children(link.child, deleted, marks)
            notify_trash_change(link.child, deleted, restored=False)


def _mark_deleted(
    model: type[DeletableRow], condition: ColumnElement[bool], marks: Mapping[str, Any]
) -> Sequence[int]:
    statement = update(model).where(condition).values(**marks).returning(model.id)
    keys: Sequence[int] = db.session.scalars(statement.execution_options(synchronize_session=False)).all()
    return keys


def undo_delete(model: type[DeletableRow], batch: UUID) -> Restored:
    """Restore the batch when the acting member deleted it and may still undo it; otherwise restore nothing."""
    mine = model.deleted_by_id == actor_of(db.session()).member_id
    statement = select(model.deleted_at).where(model.delete_batch == batch, mine).limit(1)
    at = db.session.scalar(statement, execution_options={"with_deleted": True})
    if at is None or not may_undo(UndoBatch(batch, at)):
        return Restored()
    try:
        restored = restore(find_batch(batch), action=UNDO, model=model)
    except Gone:
        return Restored()
    record_undo(UndoBatch(batch, at))
    return restored
