"""Celery on the app's terms: a context of its own for each task, and messages only after the commit."""

from __future__ import annotations

from typing import Any

from celery import Celery, Task
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.extensions import db

_OUTBOX = "tasks to send"


def init_celery(celery: Celery, app: Flask) -> None:
    """Bind *celery* to *app*: each task runs in an application context that is closed behind it."""

    class ContextTask(Task):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                return self.run(*args, **kwargs)

    celery.conf.update(app.config["CELERY"])
    celery.Task = ContextTask
    celery.set_default()
    app.extensions["celery"] = celery


def enqueue_after_commit(task: Task, *args: Any) -> None:
    """Send *task* when the surrounding transaction commits; forget it when that rolls back."""
    db.session().info.setdefault(_OUTBOX, []).append((task, args))


@event.listens_for(Session, "after_commit")
def _send(session: Session) -> None:
    if session.in_nested_transaction():  # only a savepoint was released
        return
    for task, args in session.info.pop(_OUTBOX, ()):
        task.delay(*args)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _previous: Any) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_OUTBOX, None)
