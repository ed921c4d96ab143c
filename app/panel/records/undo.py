"""One act, however many transactions it takes: its rows share a batch and a moment, so that it can be taken back as one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select, update

from app.errors import Conflict
from app.extensions import db
from app.lib.clock import now
from models.audit.recorder import muted
from models.job import BulkJob, JobStatus
from models.tenancy.scope import actor_of

# Whoever did it may take it back for this long after it is through; what was deleted is the manager's after that.
UNDO_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class UndoBatch:
    batch: UUID
    at: datetime


_current: ContextVar[UndoBatch | None] = ContextVar("act", default=None)


def current_undo_batch() -> UndoBatch:
    """The act that runs, or a new one."""
    return _current.get() or UndoBatch(uuid4(), now())


@contextmanager
def undo_batch(act: UndoBatch) -> Iterator[None]:
    """What is done meanwhile belongs to *act*."""
    token = _current.set(act)
    try:
        yield
    finally:
        _current.reset(token)


def may_undo(act: UndoBatch) -> bool:
    """Whether the one who acts may still take *act* back; of a job that runs he is told to cancel it first."""
    job = _job_of(BulkJob.batch == act.batch)
    if job is None:
        return act.at > now() - UNDO_FOR
    if job.is_under_way:
        raise Conflict(_("This still runs; stop it first."))
    return (job.finished_at or act.at) > now() - UNDO_FOR


def record_undo(act: UndoBatch) -> None:
    """Write on the job of *act*, where there is one, that it was undone."""
    session = db.session()
    statement = update(BulkJob).where(BulkJob.batch == act.batch).values(status=JobStatus.UNDONE)
    with muted(session):  # The trail tells of the rows.
        session.execute(statement.execution_options(synchronize_session=False))


def undo_batch_at(moment: datetime) -> UndoBatch:
    """The act of who acts that happened at *moment*: a job's, or one that was done at once."""
    job = _job_of(BulkJob.created_at == moment)
    return UndoBatch(job.batch if job is not None and job.batch else uuid4(), moment)


def _job_of(condition: ColumnElement[bool]) -> BulkJob | None:
    mine = BulkJob.created_by_id == actor_of(db.session()).member_id
    # Held, so that no worker goes on with it meanwhile.
    statement = select(BulkJob).where(condition, mine).with_for_update()
    jobs = db.session.scalars(statement.execution_options(populate_existing=True))
    job: BulkJob | None = jobs.first()
    return job
