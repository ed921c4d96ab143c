"""Messages to the workers, sent once what they are about is committed."""

from __future__ import annotations

import logging
from typing import Any

from celery import Task
from kombu.exceptions import OperationalError
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.extensions import celery, db

_OUTBOX = "tasks to send"
_log = logging.getLogger(__name__)


def enqueue_after_commit(task: Task | str, *args: Any) -> None:
    """Send *task*, or the one of that name, when the transaction commits; forget it when that rolls back."""
    db.session().info.setdefault(_OUTBOX, []).append((task, args))


@event.listens_for(Session, "after_commit")
def _send(session: Session) -> None:
    if session.in_nested_transaction():  # only a savepoint was released
        return
    for task, args in session.info.pop(_OUTBOX, ()):
        found = celery.tasks[task] if isinstance(task, str) else task
        try:
            found.delay(*args)
        except (OperationalError, OSError):
            # The rows are committed, and a sweep finds them: a broker that is away only makes it later.
            _log.warning("Nobody could be told of %s; its sweep will find it", found.name)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _previous: Any) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_OUTBOX, None)
