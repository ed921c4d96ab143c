"""Takes back what an import has written, except rows that were changed since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import uuid4

from flask_babel import lazy_gettext as _
from sqlalchemy import select, update

from app.errors import Conflict
from app.extensions import db
from app.lib.clock import now
from app.panel.declaration import Declaration
from app.panel.forms.locking import version_of
from app.panel.imports.values import put_back
from app.panel.records.delete import soft_delete
from app.panel.records.undo import UNDO_FOR, UndoBatch, undo_batch
from models.audit.recorder import record_event
from models.job import ImportedRow, ImportJob, ImportStatus

_CHUNK = 500
_ENDED = (ImportStatus.DONE, ImportStatus.FAILED, ImportStatus.STOPPED)


@dataclass(frozen=True)
class UndoneImport:
    """How many rows were deleted, put back, and left because somebody has changed them since."""

    deleted: int = 0
    put_back: int = 0
    left: int = 0

    def __add__(self, other: UndoneImport) -> UndoneImport:
        return UndoneImport(
            self.deleted + other.deleted, self.put_back + other.put_back, self.left + other.left
        )


def may_undo(job: ImportJob) -> bool:
    """Whether the import has ended, not too long ago, and was not taken back."""
    return job.status in _ENDED and job.finished_at is not None and job.finished_at > now() - UNDO_FOR


def undo(section: Declaration, job: ImportJob) -> UndoneImport:
    """Delete the rows that *job* has added and put back those that it has changed; raises `Conflict` when it is too late."""
    db.session.refresh(job, with_for_update=True)
    if job.is_under_way:
        raise Conflict(_("This still runs; wait until it is through."))
    if not may_undo(job):
        raise Conflict(_("It is too late to take this import back."))
    record_event(db.session(), "undo import", job)
    _mark(job)
    done = UndoneImport()
    with undo_batch(UndoBatch(uuid4(), now())):
        for rows in _chunks(job):
            done += _undo_rows(section, rows)
    return done


def _mark(job: ImportJob) -> None:
    statement = update(ImportJob).where(ImportJob.id == job.id).values(status=ImportStatus.UNDONE)
    db.session.execute(statement.execution_options(synchronize_session=False))


def _chunks(job: ImportJob) -> Iterable[Sequence[Any]]:
    statement = select(ImportedRow.row_id, ImportedRow.before, ImportedRow.version)
    # The last row first: a row may refer to one that stands above it.
    found = iter(
        db.session.execute(
            statement.where(ImportedRow.job_id == job.id).order_by(ImportedRow.id.desc())
        ).all()
    )
    while rows := list(islice(found, _CHUNK)):
        yield rows


def _undo_rows(section: Declaration, rows: Sequence[Any]) -> UndoneImport:
    model = section.model
    statement = select(model).where(model.id.in_([key for key, _before, _version in rows]))
    locked = statement.with_for_update(of=model).execution_options(populate_existing=True)
    stored = {row.id: row for row in db.session.scalars(locked)}
    fresh, deleted, left = [], 0, 0
    for key, before, version in rows:
        row = stored.get(key)
        if before == {}:
            continue
        if row is None or version_of(row) != version:
            left += 1
        elif before is None:
            fresh.append(key)
        else:
            put_back(row, before)
            deleted += 1
    db.session.flush()
    if fresh:
        soft_delete(model, fresh)
    return UndoneImport(len(fresh), deleted, left)
