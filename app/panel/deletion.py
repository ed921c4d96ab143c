"""Soft delete by the batch, and its undo for the one who did it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, update

from app.extensions import db
from app.lib.clock import now
from models.scope import acting_of

# Whoever deleted may take it back for this long; after that it is the manager's trash.
UNDO_FOR = timedelta(minutes=10)


def soft_delete(model: Any, keys: Sequence[int]) -> UUID:
    """Hide the rows in one statement and return the batch they went in; the scope bounds the statement."""
    batch = uuid4()
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
    result: CursorResult[Any] = db.session.execute(
        update(model)
        .where(
            model.delete_batch == batch,
            model.deleted_by_id == acting_of(db.session()).member_id,
            model.deleted_at > now() - UNDO_FOR,
        )
        .values(deleted_at=None, deleted_by_id=None, delete_batch=None)
        .execution_options(synchronize_session=False, with_deleted=True)
    )
    db.session.expire_all()
    return result.rowcount
