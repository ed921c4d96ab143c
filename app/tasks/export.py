"""Exports in the background: two at a time for each organisation, kept for a day, and none forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from app.errors import DomainError
from app.extensions import celery, db
from app.gateways.storage import storage
from app.lib.clock import now
from app.panel.export.writer import write_table
from app.panel.impersonation import JobAborted, RequesterJob, lock_permission, run_as_requester
from app.services.audit.record import muted
from app.services.job.lease import claim, end, find_abandoned, renew
from models.job import ExportJob, JobStatus
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as

KEPT_FOR = timedelta(hours=24)
MOST_AT_ONCE = 2
MOST_BYTES = 512 * 1024 * 1024
LATER = 3
SWEEP_EVERY = 60.0

celery.conf.beat_schedule = {
    **(celery.conf.beat_schedule or {}),
    "export.sweep": {"task": "export.sweep", "schedule": SWEEP_EVERY},
}


@celery.task(
    name="export.run",
    bind=True,
    acks_late=True,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
    soft_time_limit=900,
    time_limit=960,
)
def run_export(self: Any, job_id: int, organization_id: int) -> None:
    """Write one file; a second run finds the job taken or done and does nothing."""
    with acting_as(db.session(), Actor(organization_id)) as session:
        is_full, lease = _take_turn(session, job_id, organization_id)
        session.commit()
    if is_full:
        self.apply_async((job_id, organization_id), countdown=LATER)
        return
    if lease is None:
        return
    try:
        _write(job_id, organization_id, lease)
    except (OperationalError, SoftTimeLimitExceeded):
        raise
    except Exception:  # whatever it was, its requester must not see it run for ever; it is raised again
        _fail(job_id, organization_id, lease)
        raise


def _take_turn(session: Any, job_id: int, organization_id: int) -> tuple[bool, datetime | None]:
    """(whether others must be through first, the lease); the organisation's row is the gate."""
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


def _write(job_id: int, organization_id: int, lease: datetime) -> None:
    with run_as_requester(ExportJob, job_id, organization_id) as stand_in, TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        try:
            held = _write_pages(stand_in, path, lease)
        except DomainError as reason:
            db.session.rollback()
            end(
                stand_in.job,
                db.session.get_one(ExportJob, job_id).lease_until or lease,
                JobStatus.FAILED,
                error=str(reason),
            )
            db.session.commit()
            return
        if held is not None:
            _keep(stand_in.job, path, held)


def _write_pages(stand_in: RequesterJob, path: Path, lease: datetime) -> datetime | None:
    """The lease after the last page; None when the job was stopped or lost."""
    if stand_in.section is None:
        raise JobAborted(_("This list does not exist any more."))
    job, held = stand_in.job, lease
    for written in write_table(job, stand_in.section, path):
        lock_permission(job, stand_in.section, "can_export")
        renewed = renew(job, held)
        if renewed is None:
            return None
        held = renewed
        if job.cancel_asked:
            end(job, held, JobStatus.CANCELLED)
            db.session.commit()
            return None
        _note(job, done=written, total=max(written, job.total))
        db.session.commit()
    return held


def _keep(job: ExportJob, path: Path, lease: datetime) -> None:
    """First the bytes, then the row that names them; what is in between belongs to nobody and is swept."""
    with path.open("rb") as file:
        stored = storage().save(file, most_bytes=MOST_BYTES)
    _note(job, stored_name=stored.name, size=stored.size, total=job.done, expires_at=now() + KEPT_FOR)
    if not end(job, lease, JobStatus.DONE):
        db.session.rollback()
        storage().delete(stored.name)
    db.session.commit()


def _note(job: ExportJob, **values: Any) -> None:
    session = db.session()
    with muted():
        statement = update(ExportJob).where(ExportJob.id == job.id).values(**values)
        session.execute(statement.execution_options(synchronize_session=False))
        session.refresh(job)


def _fail(job_id: int, organization_id: int, lease: datetime) -> None:
    with acting_as(db.session(), Actor(organization_id)) as session:
        job = session.get_one(ExportJob, job_id)
        end(job, job.lease_until or lease, JobStatus.FAILED, error=_("An internal error stopped this."))
        session.commit()


@celery.task(name="export.sweep", soft_time_limit=50, time_limit=58, ignore_result=True)
def sweep_exports() -> int:
    """Send again what waits or was left; forget the files whose day is over. Returns how many files went."""
    for job_id, organization_id in find_abandoned(ExportJob):
        run_export.delay(job_id, organization_id)
    over = select(ExportJob.id, ExportJob.organization_id).where(
        ExportJob.expires_at <= now(), ExportJob.stored_name.is_not(None)
    )
    # The sweep works for everybody; it learns ids alone, and each file is then removed for its organisation.
    found = db.session.execute(over.limit(500), execution_options={"unscoped": True}).all()
    for job_id, organization_id in found:
        with acting_as(db.session(), Actor(organization_id)) as session, muted():
            job = session.get_one(ExportJob, job_id)
            name, job.stored_name = job.stored_name, None
            session.commit()
        # After the row: a file that nobody names is swept, a name without its file would be a broken link.
        if name:
            storage().delete(name)
    return len(found)
