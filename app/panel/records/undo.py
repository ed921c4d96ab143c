"""Undo batches: the rows that one act deletes, in one or several transactions, share a batch and a time."""

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

# How long after its end an act can be undone by the member who did it; later only the trash can restore the rows.
UNDO_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class UndoBatch:
    batch: UUID
    at: datetime


_current: ContextVar[UndoBatch | None] = ContextVar("act", default=None)


def current_undo_batch() -> UndoBatch:
    """The undo batch of the act in progress, or a new one."""
    return _current.get() or UndoBatch(uuid4(), now())


@contextmanager
def undo_batch(act: UndoBatch) -> Iterator[None]:
    """Deletions in this context belong to the batch *act*."""
    token = _current.set(act)
    try:
        yield
    finally:
        _current.reset(token)


def may_undo(act: UndoBatch) -> bool:
    """Whether the acting member may still undo *act*; raises `Conflict` while its job runs."""
    job = _job_of(BulkJob.batch == act.batch)
    if job is None:
        return act.at > now() - UNDO_FOR
    if job.is_under_way:
        raise Conflict(_("This still runs; stop it first."))
    return (job.finished_at or act.at) > now() - UNDO_FOR


def record_undo(act: UndoBatch) -> None:
    """Set the status of the job of *act*, if there is one, to undone."""
    session = db.session()
    statement = update(BulkJob).where(BulkJob.batch == act.batch).values(status=JobStatus.UNDONE)
    with muted(session):  # The events of the rows already record the undo.
        session.execute(statement.execution_options(synchronize_session=False))


def undo_batch_at(moment: datetime) -> UndoBatch:
    """The undo batch of the acting member's job that was created at *moment*, or a new batch of that time."""
    job = _job_of(BulkJob.created_at == moment)
    return UndoBatch(job.batch if job is not None and job.batch else uuid4(), moment)


def _job_of(condition: ColumnElement[bool]) -> BulkJob | None:
    mine = BulkJob.created_by_id == actor_of(db.session()).member_id
    # Locked, so that no worker continues the job until this transaction ends.
    statement = select(BulkJob).where(condition, mine).with_for_update()
    jobs = db.session.scalars(statement.execution_options(populate_existing=True))
    job: BulkJob | None = jobs.first()
    return job
