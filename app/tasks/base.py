"""The Celery app in Flask's context, and the decorators of the two kinds of tasks: job tasks and periodic tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from celery import Celery, Task
from celery.exceptions import SoftTimeLimitExceeded
from celery.schedules import crontab
from flask import Flask, current_app
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError

from app.errors import DomainError
from app.extensions import celery, db
from app.services.job.lease import Lease, status_of
from models.tenancy.scope import Actor, acting_as

# The decorators return `Any`: Celery makes the task itself when its app is finalized.
Decorator = Callable[[Callable[..., Any]], Any]


def init_celery(app_of_tasks: Celery, app: Flask) -> None:
    """Bind *app_of_tasks* to *app*: each task runs in an application context of its own."""

    class ContextTask(Task):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with app.app_context():
                return self.run(*args, **kwargs)

    app_of_tasks.conf.update(app.config["CELERY"])
    app_of_tasks.Task = ContextTask
    app_of_tasks.set_default()
    app.extensions["celery"] = app_of_tasks


def job_task(name: str, *, soft_limit: float, hard_limit: float, **options: Any) -> Decorator:
    """The task *name* that runs the job whose id it gets. Limits are in seconds; *options* are Celery's.

    The message is acknowledged after the run, and a run that lost the database is repeated: the job's lease makes
    a second run harmless.
    """
    return celery.task(
        name=name,
        acks_late=True,
        autoretry_for=(OperationalError,),
        retry_backoff=True,
        max_retries=5,
        soft_time_limit=soft_limit,
        time_limit=hard_limit,
        **options,
    )


def periodic(
    name: str,
    every: float | crontab,
    *,
    entry: str | None = None,
    expires: float | None = None,
    **options: Any,
) -> Decorator:
    """The task *name*, sent by Celery beat at each *every* (seconds or a crontab in UTC).

    *entry* is the name of the beat entry where it differs from the task's. A message that waits for a worker longer
    than *expires* seconds is dropped. *options* are Celery's.
    """
    planned: dict[str, Any] = {"task": name, "schedule": every}
    if expires is not None:
        planned["options"] = {"expires": expires}
        options["expires"] = expires
    celery.conf.beat_schedule = {**(celery.conf.beat_schedule or {}), entry or name: planned}
    return celery.task(name=name, **options)


@contextmanager
def apart(what: str) -> Iterator[None]:
    """Logs what the block raises on *what*, and undoes it, so that the rows after it have their turn.

    A lost database and the time limit end the task: the rows are due at its next run too.
    """
    try:
        yield
    except (OperationalError, SoftTimeLimitExceeded):
        raise
    except Exception:
        # Any error: whatever it is, the rows after this one are due.
        db.session.rollback()
        current_app.logger.exception("%s failed", what)


@contextmanager
def failing_job(model: Any, job_id: int, organization_id: int, lease: Lease) -> Iterator[None]:
    """Marks the job as failed when the block raises, unless *lease* was lost.

    What its chunks have committed stays and can be undone.
    """
    try:
        yield
    except (OperationalError, SoftTimeLimitExceeded):
        # The job can go on: the task's retry or the sweep runs it again.
        raise
    except Exception as error:
        # Any error: whatever it is, the member must see that the job failed. It is raised again, for the log.
        reason = str(error) if isinstance(error, DomainError) else _("An internal error stopped this.")
        with acting_as(db.session(), Actor(organization_id)) as session:
            job = session.get_one(model, job_id)
            lease.end(job, status_of(model, "FAILED"), error=reason)
            session.commit()
        raise
