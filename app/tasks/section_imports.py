"""Imports of sections in the background: chunk after chunk, each in one transaction with its progress."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.extensions import db
from app.panel.imports.run import run_chunk
from app.services.job.lease import claim, end, find_abandoned, renew
from app.tasks.base import failing_job, job_task, periodic
from models.job import ORDERS, ImportJob, ImportStatus
from models.tenancy.scope import Actor, acting_as

SOFT_LIMIT, HARD_LIMIT = 1200, 1260
SWEEP_EVERY = 60.0


@job_task("section_imports.run", soft_limit=SOFT_LIMIT, hard_limit=HARD_LIMIT)
def run_section_import(job_id: int, organization_id: int) -> None:
    """Import one file; does nothing when another worker has the job or it has ended."""
    with acting_as(db.session(), Actor(organization_id)) as session:
        job = session.get(ImportJob, job_id)
        lease = claim(job) if job is not None and job.section != ORDERS else None
        session.commit()
    if lease is None:
        return
    worker = _Worker(lease)
    with failing_job(ImportJob, job_id, organization_id):
        while run_chunk(job_id, organization_id, worker.renew, worker.end):
            pass


@periodic("section_imports.sweep", SWEEP_EVERY, soft_time_limit=30, time_limit=45, ignore_result=True)
def sweep() -> None:
    """Send a message again for each job that is queued or whose worker died."""
    for job_id, organization_id in find_abandoned(ImportJob, ImportJob.section != ORDERS):
        run_section_import.delay(job_id, organization_id)


class _Worker:
    """The lease of this run."""

    def __init__(self, lease: datetime) -> None:
        self.lease = self.earlier = lease

    def renew(self, job: Any) -> bool:
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
