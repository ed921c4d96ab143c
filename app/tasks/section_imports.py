"""Imports of sections in the background: chunk after chunk, each in one transaction with its progress."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError

from app.extensions import celery, db
from app.panel.imports.run import run_chunk
from app.services.job.lease import claim, end, find_abandoned, renew
from models.job import ORDERS, ImportJob, ImportStatus
from models.tenancy.scope import Acting, acting_as

SOFT_LIMIT, HARD_LIMIT = 1200, 1260
SWEEP_EVERY = 60.0

celery.conf.beat_schedule = {
    **(celery.conf.beat_schedule or {}),
    "section_imports.sweep": {"task": "section_imports.sweep", "schedule": SWEEP_EVERY},
}


@celery.task(
    name="section_imports.run",
    acks_late=True,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
    soft_time_limit=SOFT_LIMIT,
    time_limit=HARD_LIMIT,
)
def run_section_import(job_id: int, organization_id: int) -> None:
    """Import one file; does nothing when another worker has the job or it has ended."""
    with acting_as(db.session(), Acting(organization_id)) as session:
        job = session.get(ImportJob, job_id)
        lease = claim(job) if job is not None and job.section != ORDERS else None
        session.commit()
    if lease is None:
        return
    worker = _Worker(lease)
    try:
        while run_chunk(job_id, organization_id, worker.keep, worker.end):
            pass
    except (OperationalError, SoftTimeLimitExceeded):
        raise
    except Exception:  # The member who asked must not see it run for ever; it is raised again.
        with acting_as(db.session(), Acting(organization_id)) as session:
            worker.end(session.get_one(ImportJob, job_id), error=_("An internal error stopped this."))
            session.commit()
        raise


class _Worker:
    """The lease of this run."""

    def __init__(self, lease: datetime) -> None:
        self.lease = self.earlier = lease

    def keep(self, job: Any) -> bool:
        renewed = renew(job, self.lease)
        if renewed is None:
            return False
        self.earlier, self.lease = self.lease, renewed
        return True

    def end(self, job: Any, *, error: str | None = None) -> None:
        status = ImportStatus.FAILED if error else ImportStatus.DONE
        # A renewal that was rolled back has left the earlier lease.
        if not end(job, self.lease, status, error=error):
            end(job, self.earlier, status, error=error)


@celery.task(name="section_imports.sweep", soft_time_limit=30, time_limit=45, ignore_result=True)
def sweep() -> None:
    """Send a message again for each job that is queued or whose worker died."""
    for job_id, organization_id in find_abandoned(ImportJob, ImportJob.section != ORDERS):
        run_section_import.delay(job_id, organization_id)
