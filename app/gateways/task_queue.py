"""Queues Celery tasks when the database transaction commits."""

from __future__ import annotations

import logging
from typing import Any

from celery import Task
from kombu.exceptions import OperationalError
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.extensions import celery, db

_PENDING = "tasks to send"
_log = logging.getLogger(__name__)


def enqueue_after_commit(task: Task | str, *args: Any) -> None:
    """Send *task* (a task or its name) when the transaction commits; drop it on rollback."""
    db.session().info.setdefault(_PENDING, []).append((task, args))


@event.listens_for(Session, "after_commit")
def _send(session: Session) -> None:
    # The event also fires when a savepoint is released.
    if session.in_nested_transaction():
        return
    for task, args in session.info.pop(_PENDING, ()):
        target = celery.tasks[task] if isinstance(task, str) else task
        try:
            target.delay(*args)
        except (OperationalError, OSError):
            # The rows are committed, and a periodic task finds them; without a broker it only takes longer.
            _log.warning("The broker did not accept %s; its periodic task will do the work", target.name)


@event.listens_for(Session, "after_soft_rollback")
def _discard(session: Session, _previous: Any) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_PENDING, None)
