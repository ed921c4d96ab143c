"""Files for a section: received once, listed for the member who sent them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, BinaryIO
from uuid import UUID

from flask import abort
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import MOST_BYTES, Stored, StoreUnavailable, TooLarge, storage
from app.gateways.storage.tables import BadFile, first_look
from app.lib.clock import now
from app.lib.persian import persian_digits
from app.panel.actor import member_id
from app.panel.declaration import Declaration
from app.panel.forms.uniqueness import is_unique_violation
from models.job import ImportJob, ImportStatus

MOST_LISTED = 20


def receive(section: Declaration, stream: BinaryIO, *, name: str, client_token: UUID) -> ImportJob:
    """Store the file and count its rows; the same form sent again gives the same job."""
    known = _find(section, client_token)
    if known is not None:
        return known
    stored = _store(stream)
    try:
        return _add(section, stored, name=name, client_token=client_token)
    except DomainError:
        storage().delete(stored.name)
        raise
    except IntegrityError as error:
        # The same form, sent twice at the same moment: the other request has made the job.
        storage().delete(stored.name)
        known = _find(section, client_token)
        if known is None or not is_unique_violation(error):
            raise
        return known


def _store(stream: BinaryIO) -> Stored:
    try:
        return storage().save(stream)
    except TooLarge as error:
        raise BadFile(
            _("The file is larger than %(megabytes)s megabytes."),
            field="file",
            megabytes=persian_digits(MOST_BYTES // 1024**2),
        ) from error
    except StoreUnavailable as error:
        raise BadFile(_("The file could not be stored. Try again in a few moments."), field="file") from error


def _add(section: Declaration, stored: Stored, *, name: str, client_token: UUID) -> ImportJob:
    headings, total = first_look(stored.name, name)
    job = ImportJob(
        section=section.slug,
        client_token=client_token,
        original_name=name[-255:],
        stored_name=stored.name,
        sha256=stored.sha256,
        headings=list(headings),
        total_rows=total,
    )
    with db.session.begin_nested():
        db.session.add(job)
    return job


def _find(section: Declaration, client_token: UUID) -> ImportJob | None:
    found: ImportJob | None = db.session.scalar(_mine(section).where(ImportJob.client_token == client_token))
    return found


def find_job(section: Declaration, pk: int) -> ImportJob:
    """The member's own import of this section; 404 for everything else."""
    found: ImportJob = db.session.scalar(_mine(section).where(ImportJob.id == pk)) or abort(404)
    return found


def latest_jobs(section: Declaration) -> Sequence[ImportJob]:
    """The member's last imports of this section, the newest first."""
    statement = _mine(section).order_by(ImportJob.id.desc()).limit(MOST_LISTED)
    found: Sequence[ImportJob] = db.session.scalars(statement).all()
    return found


def release(job: ImportJob) -> bool:
    """Let a worker run *job*; False when it was released before, so that two clicks are one import."""
    db.session.refresh(job, with_for_update=True)
    if job.status is not ImportStatus.UPLOADED or not job.mapping:
        return False
    job.status = ImportStatus.QUEUED
    return True


def stop(job: ImportJob) -> bool:
    """Take *job* from its worker, which ends before its next chunk; False when it does not run any more."""
    db.session.refresh(job, with_for_update=True)
    if not job.is_under_way:
        return False
    job.status, job.lease_until, job.finished_at = ImportStatus.STOPPED, None, now()
    return True


def _mine(section: Declaration) -> Any:
    return select(ImportJob).where(ImportJob.section == section.slug, ImportJob.created_by_id == member_id())
