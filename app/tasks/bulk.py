"""Bulk actions in the background, one transaction for each chunk of rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.errors import DomainError
from app.extensions import db
from app.panel.bulk.job import Run, as_requester, refuse_lost_rights
from app.panel.bulk.selection import UnreadableQuery
from app.panel.impersonation import JobAborted
from app.services.job.lease import claim, end, find_abandoned, renew
from app.tasks.base import failing_job, job_task, periodic
from models.job import BulkJob, JobStatus
from models.tenancy.scope import Actor, acting_as

SOFT_LIMIT, HARD_LIMIT = 1200, 1260
SWEEP_EVERY = 60.0


@job_task("bulk.run", soft_limit=SOFT_LIMIT, hard_limit=HARD_LIMIT)
def run_bulk_job(job_id: int, organization_id: int) -> None:
    """Run one job; does nothing when another worker has it or it has ended."""
    with acting_as(db.session(), Actor(organization_id)) as session:
        job = session.get(BulkJob, job_id)
        lease = claim(job) if job is not None else None
        session.commit()
    with failing_job(BulkJob, job_id, organization_id):
        while lease is not None:
            lease = _step(job_id, organization_id, lease)


@periodic("bulk.sweep", SWEEP_EVERY, soft_time_limit=30, time_limit=45, ignore_result=True)
def sweep() -> None:
    """Send a message again for each job that is queued or whose worker died."""
    for job_id, organization_id in find_abandoned(BulkJob):
        run_bulk_job.delay(job_id, organization_id)


def _step(job_id: int, organization_id: int, lease: datetime) -> datetime | None:
    """Run the next chunk; returns the lease for the one after it, None when the job ended or was lost."""
    with as_requester(job_id, organization_id) as run:
        try:
            return _work(run, lease)
        except (JobAborted, UnreadableQuery) as reason:
            db.session.rollback()
            _end(run.job, JobStatus.FAILED, str(reason))
            return None


def _work(run: Run, lease: datetime) -> datetime | None:
    renewed = _begin(run, lease)
    if renewed is None:
        return None
    rows = [] if run.job.cancel_asked else run.rows()
    if not rows:
        _end(run.job, JobStatus.CANCELLED if run.job.cancel_asked else JobStatus.DONE)
        return None
    keys = [row.id for row in rows]
    return renewed if _act(run, rows) is None else _one_by_one(run, lease, keys)


def _begin(run: Run, lease: datetime) -> datetime | None:
    """Check the requester's rights and renew the lease: each transaction begins with both."""
    refuse_lost_rights(run)
    return renew(run.job, lease)


def _act(run: Run, rows: Sequence[Any]) -> DomainError | None:
    """Act on *rows* and commit; returns the refusal after a rollback."""
    try:
        run.act(rows)
        db.session.commit()
    except (JobAborted, UnreadableQuery):
        raise
    except DomainError as refusal:
        db.session.rollback()
        return refusal
    return None


def _one_by_one(run: Run, lease: datetime, keys: Sequence[int]) -> datetime | None:
    """Run a refused chunk again row by row, so that only the refused rows are left out."""
    renewed: datetime | None = lease
    for key in keys:
        renewed = renewed and _act_on_one(run, renewed, key)
        if renewed is None or run.job.cancel_asked:
            break
    return renewed


def _act_on_one(run: Run, lease: datetime, key: int) -> datetime | None:
    renewed = _begin(run, lease)
    rows = run.rows([key]) if renewed else []
    label = str(rows[0]) if rows else ""
    refusal = _act(run, rows) if rows else None
    if refusal is not None:  # The rollback undid the renewal too.
        renewed = _begin(run, lease)
    if renewed is not None and refusal is not None:
        run.advance(key, 1)
        run.fail([(key, label, str(refusal))])
    db.session.commit()
    return renewed


def _end(job: BulkJob, status: JobStatus, error: str | None = None) -> None:
    if job.lease_until is not None:
        end(job, job.lease_until, status, error=error)
    db.session.commit()
