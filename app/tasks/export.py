"""Exports in the background: at most two at a time for each organisation, each file available for a day."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, update

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import storage
from app.lib.clock import now
from app.panel.impersonation import JobAborted, RequesterJob, lock_permission, run_as_requester
from app.services.audit.record import muted
from app.services.job.lease import Lease, claim, find_abandoned
from app.tasks.base import failing_job, job_task, periodic
from models.job import ExportFormat, ExportJob, JobStatus
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as

AVAILABLE_FOR = timedelta(hours=24)
# The page of a report, whose figures grow old.
PAGE_AVAILABLE_FOR = timedelta(minutes=15)
MOST_AT_ONCE = 2
MOST_BYTES = 512 * 1024 * 1024
# Seconds until a job tries again while its organisation has as many running as it may.
RETRY_AFTER = 3
SWEEP_EVERY = 60.0


@job_task("export.run", soft_limit=900, hard_limit=960, bind=True)
def run_export(self: Any, job_id: int, organization_id: int) -> None:
    """Write one file; does nothing when another worker has the job or it has ended."""
    with acting_as(db.session(), Actor(organization_id)) as session:
        is_full, lease = _claim_within_limit(session, job_id, organization_id)
        session.commit()
    if is_full:
        self.apply_async((job_id, organization_id), countdown=RETRY_AFTER)
    elif lease is not None:
        with failing_job(ExportJob, job_id, organization_id, lease):
            _write(job_id, organization_id, lease)


def _claim_within_limit(session: Any, job_id: int, organization_id: int) -> tuple[bool, Lease | None]:
    """(whether too many jobs of the organisation run already, the lease or None)."""
    # Locks the organisation's row, so that two workers don't count at the same time.
    session.get(Organization, organization_id, with_for_update=True)
    job = session.get(ExportJob, job_id)
    if job is None or not job.is_under_way:
        return False, None
    others = select(func.count(ExportJob.id)).where(
        ExportJob.status == JobStatus.RUNNING, ExportJob.lease_until >= now(), ExportJob.id != job_id
    )
    if session.scalar(others) >= MOST_AT_ONCE:
        return True, None
    return False, claim(job)


def _write(job_id: int, organization_id: int, lease: Lease) -> None:
    with run_as_requester(ExportJob, job_id, organization_id) as requested, TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        try:
            is_written = _write_pages(requested, path, lease)
        except DomainError as reason:
            db.session.rollback()
            lease.end(requested.job, JobStatus.FAILED, error=str(reason))
            db.session.commit()
            return
        if is_written:
            _store(requested.job, path, lease)


def _write_pages(requested: RequesterJob, path: Path, lease: Lease) -> bool:
    """Write the table to *path*; returns False when the job ended or the lease was lost."""
    if requested.section is None:
        raise JobAborted(_("This list does not exist any more."))
    job, section = requested.job, requested.section
    right = section.page_right if job.file_format is ExportFormat.PAGE else "can_export"
    for written in section.write_table(job, path):
        lock_permission(job, section, right)
        if not lease.renew(job):
            return False
        if job.cancel_asked:
            lease.end(job, JobStatus.CANCELLED)
            db.session.commit()
            return False
        _update(job, done=written, total=max(written, job.total))
        db.session.commit()
    return True


def _store(job: ExportJob, path: Path, lease: Lease) -> None:
    # The file comes before the row that names it: the sweep deletes a file without a row.
    with path.open("rb") as file:
        stored = storage().save(file, most_bytes=MOST_BYTES)
    available_for = PAGE_AVAILABLE_FOR if job.file_format is ExportFormat.PAGE else AVAILABLE_FOR
    _update(job, stored_name=stored.name, size=stored.size, total=job.done, expires_at=now() + available_for)
    if not lease.end(job, JobStatus.DONE):
        db.session.rollback()
        storage().delete(stored.name)
    db.session.commit()


def _update(job: ExportJob, **values: Any) -> None:
    session = db.session()
    with muted():
        statement = update(ExportJob).where(ExportJob.id == job.id).values(**values)
        session.execute(statement.execution_options(synchronize_session=False))
        session.refresh(job)


@periodic("export.sweep", SWEEP_EVERY, soft_time_limit=50, time_limit=58, ignore_result=True)
def sweep_exports() -> int:
    """Send a message again for each job that is queued or whose worker died, and delete expired files.

    Returns how many files were deleted.
    """
    for job_id, organization_id in find_abandoned(ExportJob):
        run_export.delay(job_id, organization_id)
    expired = select(ExportJob.id, ExportJob.organization_id).where(
        ExportJob.expires_at <= now(), ExportJob.stored_name.is_not(None)
    )
    # The sweep covers all organisations and reads ids only; each file is then deleted within its organisation.
    found = db.session.execute(expired.limit(500), execution_options={"unscoped": True}).all()
    for job_id, organization_id in found:
        with acting_as(db.session(), Actor(organization_id)) as session, muted():
            job = session.get_one(ExportJob, job_id)
            name, job.stored_name = job.stored_name, None
            session.commit()
        # The row comes first: the file sweep finds a file without a row, but a row without its file is a broken link.
        if name:
            storage().delete(name)
    return len(found)
