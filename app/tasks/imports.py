"""Imports in the background, one worker to a job; and the same import on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from celery.exceptions import SoftTimeLimitExceeded
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage.reading import (
    DATES,
    NUMBERS,
    SHEET,
    answer,
    choose_sheet,
    questions_of,
)
from app.panel.impersonation import JobAborted, lock_permission, run_as_requester, section_of
from app.services.assignment.share_words import sentences_on_import
from app.services.audit.record import muted
from app.services.imports.describe import describe
from app.services.imports.fields import FIELDS, survey_columns
from app.services.imports.jobs import (
    AlreadyImported,
    already_imported,
    discard,
    find_earlier,
    queue_import,
    receive_file,
    remember_columns,
    summarize,
)
from app.services.imports.run import run_import
from app.services.job.lease import Lease, find_abandoned
from app.tasks.base import job_task, periodic
from models.job import ORDERS, ImportJob, ImportStatus
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as, actor_of, bind

# An import usually takes half a minute. One that is cut off continues with its next chunk when the sweep finds it.
SOFT_LIMIT, HARD_LIMIT = 600, 660
SWEEP_EVERY = 60.0
# The section whose rights an import needs.
SECTION = "imports"
POLL_EVERY = 1.0


@job_task("intake.run", soft_limit=SOFT_LIMIT, hard_limit=HARD_LIMIT)
def run_import_job(job_id: int, organization_id: int) -> None:
    """Import one file; does nothing when another worker has the job or it has ended."""
    with acting_as(db.session(), Actor(organization_id)) as session:
        job = session.get(ImportJob, job_id)
        if job is None or job.section != ORDERS:
            return
        bind(session, Actor(organization_id, job.created_by_id))
        work_off(job)


@periodic("intake.sweep", SWEEP_EVERY, soft_time_limit=30, time_limit=45, ignore_result=True)
def sweep() -> None:
    """Send a message again for each job that is queued or whose worker died."""
    for job_id, organization_id in find_abandoned(ImportJob, ImportJob.section == ORDERS):
        run_import_job.delay(job_id, organization_id)


def import_file(
    path: Path,
    organization: Organization,
    *,
    assign: bool = False,
    reading: Mapping[str, str | None] = MappingProxyType({}),
    tell: Callable[[str], None] = lambda _line: None,
) -> dict[str, Any]:
    """Import the file at *path* within this process, for the command line; returns the figures of the import.

    *reading* names the sheet and the styles of dates and numbers; *tell* is called with each sentence on how the file is
    read and on how many orders each consultant got.
    """
    with acting_as(db.session(), Actor(organization.id)), path.open("rb") as stream:
        job = receive_file(stream, name=path.name, client_token=uuid4())
        try:
            _prepare(job, reading, tell)
            queue_import(job, job.mapping, assign=assign)
        except AlreadyImported:
            job = _find_unfinished(job)
        except DomainError:
            discard(job)
            raise
        db.session.commit()
        _finish(job)
        for line in sentences_on_import(job):
            tell(line)
        return summarize(job)


def _prepare(job: ImportJob, reading: Mapping[str, str | None], tell: Callable[[str], None]) -> None:
    """Choose the sheet and the columns, and report them."""
    if sheet := reading.get(SHEET):
        choose_sheet(job, sheet)
    described = describe(job)
    for note in described.notes:
        tell(note)
    titles = {index: field for field, index in described.mapping.items()}
    unused = _("left out")
    for heading in described.headings:
        field = titles.get(heading.index)
        tell(f"{heading.title or '—'}: {FIELDS[field] if field else unused}")
    remember_columns(job, described.mapping)
    survey_columns(job)
    for kind in (DATES, NUMBERS):
        if style := reading.get(kind):
            answer(job, kind, style)
    for question in questions_of(job):
        if not question["answer"]:
            options = ", ".join(question["options"])
            tell(
                _(
                    "«%(sample)s» can be read in several ways; say --%(kind)s %(options)s.",
                    sample=question["sample"],
                    kind=question["kind"],
                    options=options,
                )
            )


def _find_unfinished(job: ImportJob) -> ImportJob:
    """The unfinished import of the same bytes that a killed command left; raises `AlreadyImported` for a finished one."""
    earlier = find_earlier(job)
    discard(job)
    if earlier is None or earlier.status is ImportStatus.DONE:
        db.session.commit()
        raise already_imported(earlier or job)
    return earlier


def _finish(job: ImportJob) -> None:
    """Work until *job* has ended, and wait while another worker has its lease."""
    while job.status in {ImportStatus.QUEUED, ImportStatus.RUNNING}:
        work_off(job)
        db.session.refresh(job)
        if job.status is ImportStatus.RUNNING:
            db.session.commit()
            Event().wait(POLL_EVERY)
            db.session.refresh(job)


def work_off(job: ImportJob) -> None:
    """Run *job* and commit each chunk; an error is written to the job and raised again."""
    # One name for all chunks, so that an import tells each member once.
    bind(db.session(), replace(actor_of(db.session()), request_id=f"import_jobs-{job.id}"))
    with muted():  # The trail recorded the import when it was queued.
        _work_off(job)


def _work_off(job: ImportJob) -> None:
    lease: Lease | None = None
    try:
        for step in run_import(job):
            lease = step
            db.session.commit()
            _refuse_lost_rights(job)
    except JobAborted as aborted:
        db.session.rollback()
        if lease is not None:
            lease.end(job, ImportStatus.FAILED, error=str(aborted))
        db.session.commit()
    except (OperationalError, SoftTimeLimitExceeded):
        db.session.rollback()
        raise
    except Exception as error:
        db.session.rollback()
        reason = str(error) if isinstance(error, DomainError) else _("An internal error stopped this import.")
        if lease is not None:
            # What its chunks have committed stays and can be undone.
            lease.end(job, ImportStatus.FAILED, error=reason)
        db.session.commit()
        raise


def _refuse_lost_rights(job: ImportJob) -> None:
    """Raise `JobAborted` when the member's place or their right is gone; a file of the command line has no member."""
    if job.created_by_id is None or not job.is_under_way:
        return
    with run_as_requester(ImportJob, job.id, job.organization_id) as requested:
        lock_permission(requested.job, section_of(SECTION), "can_add")
