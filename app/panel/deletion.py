"""Soft delete by the batch, and its undo for the one who did it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import update

from app.extensions import db
from app.lib.clock import now
from models.audit_trail import name_act, note_change
from models.scope import acting_of

# Whoever deleted may take it back for this long; after that it is the manager's trash.
UNDO_FOR = timedelta(minutes=10)


def soft_delete(model: Any, keys: Sequence[int]) -> UUID:
    """Hide the rows in one statement and return the batch they went in; the scope bounds the statement."""
    batch = uuid4()
    session = db.session()
    name_act(session, "delete", model, keys)
    for key in keys:
        note_change(session, "delete", model, key, row=session.get(model, key) if len(keys) == 1 else None)
    db.session.execute(
        update(model)
        .where(model.id.in_(keys))
        .values(deleted_at=now(), deleted_by_id=acting_of(db.session()).member_id, delete_batch=batch)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    return batch


def undo_delete(model: Any, batch: UUID) -> int:
    """Bring the actor's own fresh batch back; returns how many rows came."""
    session = db.session()
    restored = session.scalars(
        update(model)
        .where(
            model.delete_batch == batch,
            model.deleted_by_id == acting_of(session).member_id,
            model.deleted_at > now() - UNDO_FOR,
        )
        .values(deleted_at=None, deleted_by_id=None, delete_batch=None)
        .returning(model.id)
        .execution_options(synchronize_session=False, with_deleted=True)
    ).all()
    session.expire_all()
    name_act(session, "undo", model, restored)
    for key in restored:
        note_change(session, "undo", model, key, row=session.get(model, key) if len(restored) == 1 else None)
    return len(restored)
