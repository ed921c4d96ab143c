"""Bulk acts in the background: chunk after chunk, each a transaction of its own, and none forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError

from app.errors import DomainError
from app.extensions import celery, db
from app.panel.bulk.job import Run, as_requester, refuse_lost_rights
from app.panel.bulk.selection import Unreadable
from app.panel.impersonation import JobAborted
from app.services.job.lease import claim, end, find_abandoned, renew
from models.job import BulkJob, JobStatus
from models.tenancy.scope import Actor, acting_as

SOFT_LIMIT, HARD_LIMIT = 1200, 1260
SWEEP_EVERY = 60.0

celery.conf.beat_schedule = {
    **(celery.conf.beat_schedule or {}),
    "bulk.sweep": {"task": "bulk.sweep", "schedule": SWEEP_EVERY},
}


@celery.task(
    name="bulk.run",
    acks_late=True,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
    soft_time_limit=SOFT_LIMIT,
    time_limit=HARD_LIMIT,
)
def run_bulk_job(job_id: int, organization_id: int) -> None:
    """Work off one job; a second run finds it taken or done and does nothing."""
    with acting_as(db.session(), Actor(organization_id)) as session:
        job = session.get(BulkJob, job_id)
        lease = claim(job) if job is not None else None
        session.commit()
    try:
        while lease is not None:
            lease = _step(job_id, organization_id, lease)
    except (OperationalError, SoftTimeLimitExceeded):
        raise
    except Exception:  # whatever it was, its requester must not see it run for ever; it is raised again
        _fail(job_id, organization_id)
        raise


@celery.task(name="bulk.sweep", soft_time_limit=30, time_limit=45, ignore_result=True)
def sweep() -> None:
    """Send again what waits for a worker or was left by one that is gone."""
    for job_id, organization_id in find_abandoned(BulkJob):
        run_bulk_job.delay(job_id, organization_id)


def _step(job_id: int, organization_id: int, lease: datetime) -> datetime | None:
    """The next chunk; returns the lease for the one after it, None when the job is over or another's."""
    with as_requester(job_id, organization_id) as run:
        try:
            return _work(run, lease)
        except (JobAborted, Unreadable) as reason:
            db.session.rollback()
            _end(run.job, JobStatus.FAILED, str(reason))
            return None


def _work(run: Run, lease: datetime) -> datetime | None:
    held = _begin(run, lease)
    if held is None:
        return None
    rows = [] if run.job.cancel_asked else run.rows()
    if not rows:
        _end(run.job, JobStatus.CANCELLED if run.job.cancel_asked else JobStatus.DONE)
        return None
    keys = [row.id for row in rows]
    return held if _do(run, rows) is None else _one_by_one(run, lease, keys)


def _begin(run: Run, lease: datetime) -> datetime | None:
    """Every transaction asks anew whether the member may and whether the job is still ours."""
    refuse_lost_rights(run)
    return renew(run.job, lease)


def _do(run: Run, rows: Sequence[Any]) -> DomainError | None:
    """Act on *rows* and commit; returns the refusal, after which nothing is done."""
    try:
        run.act(rows)
        db.session.commit()
    except (JobAborted, Unreadable):
        raise
    except DomainError as refusal:
        db.session.rollback()
        return refusal
    return None


def _one_by_one(run: Run, lease: datetime, keys: Sequence[int]) -> datetime | None:
    """What an action refuses for a chunk it may do for most of its rows; the others are written down."""
    held: datetime | None = lease
    for key in keys:
        held = held and _do_one(run, held, key)
        if held is None or run.job.cancel_asked:
            break
    return held


def _do_one(run: Run, lease: datetime, key: int) -> datetime | None:
    held = _begin(run, lease)
    rows = run.rows([key]) if held else []
    label = str(rows[0]) if rows else ""
    refusal = _do(run, rows) if rows else None
    if refusal is not None:  # The lease went back with what was refused.
        held = _begin(run, lease)
    if held is not None and refusal is not None:
        run.advance(key, 1)
        run.fail([(key, label, str(refusal))])
    db.session.commit()
    return held


def _end(job: BulkJob, status: JobStatus, error: str | None = None) -> None:
    if job.lease_until is not None:
        end(job, job.lease_until, status, error=error)
    db.session.commit()


def _fail(job_id: int, organization_id: int) -> None:
    """What it had committed stays and can be taken back."""
    with acting_as(db.session(), Actor(organization_id)) as session:
        _end(session.get_one(BulkJob, job_id), JobStatus.FAILED, _("An internal error stopped this."))
