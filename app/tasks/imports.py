"""Imports in the background: one worker to a job, and none forgotten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

from celery.exceptions import SoftTimeLimitExceeded
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError

from app.errors import DomainError
from app.extensions import celery, db
from app.services.assignment.share import told_of_import
from app.services.audit.record import muted
from app.services.imports.jobs import (
    AlreadyImported,
    already_imported,
    discard,
    find_earlier,
    queue_import,
    receive_file,
    summarize,
)
from app.services.imports.preview import describe
from app.services.imports.run import fail_import, find_abandoned, run_import
from models.job import ORDERS, ImportJob, ImportStatus
from models.organization import Organization
from models.tenancy.scope import Acting, acting_as, bind

# Half a minute is usual; a job that is cut off goes on with its next chunk when the sweep finds it.
SOFT_LIMIT, HARD_LIMIT = 600, 660
SWEEP_EVERY = 60.0
POLL_EVERY = 1.0

celery.conf.beat_schedule = {
    **(celery.conf.beat_schedule or {}),
    "intake.sweep": {"task": "intake.sweep", "schedule": SWEEP_EVERY},
}


@celery.task(
    name="intake.run",
    acks_late=True,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
    soft_time_limit=SOFT_LIMIT,
    time_limit=HARD_LIMIT,
)
def run_import_job(job_id: int, organization_id: int) -> None:
    """Import one file; a second run finds the job taken or done and does nothing."""
    with acting_as(db.session(), Acting(organization_id)) as session:
        job = session.get(ImportJob, job_id)
        if job is None or job.section != ORDERS:
            return
        bind(session, Acting(organization_id, job.created_by_id))
        work_off(job)


@celery.task(name="intake.sweep", soft_time_limit=30, time_limit=45, ignore_result=True)
def sweep() -> None:
    """Send again what waits for a worker or was left by one that is gone."""
    for job_id, organization_id in find_abandoned():
        run_import_job.delay(job_id, organization_id)


def import_file(
    path: Path,
    organization: Organization,
    *,
    assign: bool = False,
    tell: Callable[[str], None] = lambda _line: None,
) -> dict[str, Any]:
    """Import the file at *path* here and now, for the command line; returns its figures.

    *tell* gets the sentences on who got how many orders.
    """
    with acting_as(db.session(), Acting(organization.id)), path.open("rb") as stream:
        job = receive_file(stream, name=path.name, client_token=uuid4())
        try:
            queue_import(job, describe(job).mapping, assign=assign)
        except AlreadyImported:
            job = _unfinished_twin(job)
        except DomainError:
            discard(job)
            raise
        db.session.commit()
        _see_through(job)
        for line in told_of_import(job):
            tell(line)
        return summarize(job)


def _unfinished_twin(job: ImportJob) -> ImportJob:
    """The import of the same bytes that a killed command left behind; one that is done refuses."""
    earlier = find_earlier(job)
    discard(job)
    if earlier is None or earlier.status is ImportStatus.DONE:
        db.session.commit()
        raise already_imported(earlier or job)
    return earlier


def _see_through(job: ImportJob) -> None:
    """Work until *job* is done, also when another worker had it and let go."""
    while job.status in {ImportStatus.QUEUED, ImportStatus.RUNNING}:
        work_off(job)
        db.session.refresh(job)
        if job.status is ImportStatus.RUNNING:
            # Somebody else holds the lease; it is his until the database's clock says otherwise.
            db.session.commit()
            Event().wait(POLL_EVERY)
            db.session.refresh(job)


def work_off(job: ImportJob) -> None:
    """Run *job* here and commit each chunk; what is wrong with the job itself is written on it."""
    with muted():  # The trail has told of the import when it was queued.
        _work_off(job)


def _work_off(job: ImportJob) -> None:
    try:
        for _step in run_import(job):
            db.session.commit()
    except (OperationalError, SoftTimeLimitExceeded):
        db.session.rollback()
        raise
    except Exception as error:
        db.session.rollback()
        reason = str(error) if isinstance(error, DomainError) else _("An internal error stopped this import.")
        fail_import(job, reason)
        db.session.commit()
        raise
