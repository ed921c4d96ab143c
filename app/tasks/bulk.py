"""Bulk actions in the background, one transaction for each chunk of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.extensions import db
from app.panel.bulk.job import Run, as_requester, refuse_lost_rights
from app.panel.bulk.selection import UnreadableQuery
from app.panel.impersonation import JobAborted
from app.services.job.lease import Lease, claim, find_abandoned
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
    if lease is None:
        return
    with failing_job(BulkJob, job_id, organization_id, lease):
        while _step(job_id, organization_id, lease):
            pass


@periodic("bulk.sweep", SWEEP_EVERY, soft_time_limit=30, time_limit=45, ignore_result=True)
def sweep() -> None:
    """Send a message again for each job that is queued or whose worker died."""
    for job_id, organization_id in find_abandoned(BulkJob):
        run_bulk_job.delay(job_id, organization_id)


def _step(job_id: int, organization_id: int, lease: Lease) -> bool:
    """Run the next chunk; returns False when the job ended or the lease was lost."""
    with as_requester(job_id, organization_id) as run:
        try:
            return _work(run, lease)
        except (JobAborted, UnreadableQuery) as reason:
            db.session.rollback()
            lease.end(run.job, JobStatus.FAILED, error=str(reason))
            db.session.commit()
            return False


def _work(run: Run, lease: Lease) -> bool:
    if not _begin(run, lease):
        return False
    rows = [] if run.job.cancel_asked else run.rows()
    if not rows and run.has_lost_all:
        raise JobAborted(_("It is not there any more."))
    if not rows:
        lease.end(run.job, JobStatus.CANCELLED if run.job.cancel_asked else JobStatus.DONE)
        db.session.commit()
        return False
    keys = [row.id for row in rows]
    return _act(run, rows) is None or _one_by_one(run, lease, keys)


def _begin(run: Run, lease: Lease) -> bool:
    """Check the requester's rights and renew the lease: each transaction begins with both."""
    refuse_lost_rights(run)
    return lease.renew(run.job)


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


def _one_by_one(run: Run, lease: Lease, keys: Sequence[int]) -> bool:
    """Run a refused chunk again row by row, so that only the refused rows are left out."""
    for key in keys:
        if not _act_on_one(run, lease, key):
            return False
        if run.job.cancel_asked:
            break
    return True


def _act_on_one(run: Run, lease: Lease, key: int) -> bool:
    is_ours = _begin(run, lease)
    rows = run.rows([key]) if is_ours else []
    label = str(rows[0]) if rows else ""
    refusal = _act(run, rows) if rows else None
    if refusal is not None:  # The rollback undid the renewal too.
        is_ours = _begin(run, lease)
    if is_ours and refusal is not None:
        run.advance(key, 1)
        run.fail([(key, label, str(refusal))])
    db.session.commit()
    return is_ours
