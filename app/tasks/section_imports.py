"""Imports of sections in the background: chunk after chunk, each in one transaction with its progress."""

from __future__ import annotations

from app.extensions import db
from app.panel.imports.run import FileRows, run_chunk
from app.services.job.lease import claim, find_abandoned
from app.tasks.base import failing_job, job_task, periodic
from models.job import ORDERS, ImportJob
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
    with failing_job(ImportJob, job_id, organization_id, lease):
        file = FileRows()
        while run_chunk(job_id, organization_id, lease, file):
            pass


@periodic("section_imports.sweep", SWEEP_EVERY, soft_time_limit=30, time_limit=45, ignore_result=True)
def sweep() -> None:
    """Send a message again for each job that is queued or whose worker died."""
    for job_id, organization_id in find_abandoned(ImportJob, ImportJob.section != ORDERS):
        run_section_import.delay(job_id, organization_id)
