"""Runs an import of a section chunk by chunk, each in one transaction with its progress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from sqlalchemy import update

from app.extensions import db
from app.gateways.storage.limited import LimitedTable
from app.gateways.storage.reading import job_table
from app.lib.tables.cells import as_text, storable
from app.panel.forms.routes import FormScreen
from app.panel.impersonation import JobAborted, lock_permission, run_as_requester
from app.panel.imports.columns import fields_of
from app.panel.imports.preview import file_row
from app.panel.imports.row import ImportOutcome, RowRefusal, RowWriter
from models.audit.recorder import muted, name_event
from models.job import ImportJob, ImportRejection, ImportStatus, RejectReason

if TYPE_CHECKING:  # The task that runs the import hands it over; the engine stands below the services.
    from app.services.job.lease import Lease

CHUNK = 100
RIGHT = "can_import"

Rows = Sequence[tuple[int, Sequence[Any]]]


class FileRows:
    """The rows of a job's file, read once for all its chunks."""

    def __init__(self) -> None:
        self._table: LimitedTable | None = None
        self._rows: Iterator[tuple[int, Sequence[Any]]] = iter(())

    def table(self, job: ImportJob) -> LimitedTable:
        """The table, opened at the first row that is left."""
        if self._table is None:
            self._table = job_table(job)
            # The job is not read lazily, since its session is another one for each chunk.
            first = job.next_row
            self._rows = (row for row in self._table.rows() if row[0] >= first)
        return self._table

    def take(self, job: ImportJob) -> Rows:
        """The rows of the next chunk."""
        self.table(job)
        return list(islice(self._rows, CHUNK))


def run_chunk(job_id: int, organization_id: int, lease: Lease, file: FileRows) -> bool:
    """Import the next rows of the job as its member and commit; returns whether there may be more."""
    with run_as_requester(ImportJob, job_id, organization_id) as requested:
        job, section = requested.job, requested.section
        try:
            _refuse_lost_rights(job, section)
            if not lease.renew(job):
                db.session.rollback()
                return False
            rows = file.take(job)
            if rows:
                _write(section, job, rows, file.table(job))
            else:
                lease.end(job, ImportStatus.DONE)
            db.session.commit()
        except JobAborted as reason:
            db.session.rollback()
            lease.end(job, ImportStatus.FAILED, error=str(reason))
            db.session.commit()
            return False
        return bool(rows)


def _refuse_lost_rights(job: ImportJob, section: FormScreen) -> None:
    """Raise `JobAborted` when the section, the member's place or their right is gone; all stay until the commit."""
    if section is None or not section.importable:
        raise JobAborted(_("This act does not exist any more."))
    lock_permission(job, section, RIGHT)
    if not set(job.mapping) <= set(fields_of(section)):
        raise JobAborted(_("A field that this file fills is no longer in the form."))


def _write(section: FormScreen, job: ImportJob, rows: Rows, table: LimitedTable) -> None:
    writer = RowWriter(section, job)
    counts, keys = dict.fromkeys(ImportOutcome, 0), []
    for number, cells in rows:
        try:
            written = writer.write(cells)
            writer.note(number, written)
            counts[written.outcome] += 1
            if written.outcome is not ImportOutcome.UNCHANGED:
                keys.append(written.row.id)
        except RowRefusal as refusal:
            counts[ImportOutcome.REFUSED] += 1
            with muted(db.session()):
                db.session.add(_rejection(job, file_row(table, number), cells, str(refusal)))
                db.session.flush()
    if keys:
        name_event(db.session(), "import", section.model, keys)
    values = {
        "accepted": ImportJob.accepted + counts[ImportOutcome.ADDED],
        "changed": ImportJob.changed + counts[ImportOutcome.CHANGED],
        "rejected": ImportJob.rejected + counts[ImportOutcome.REFUSED],
        "next_row": rows[-1][0] + 1,
    }
    with muted(db.session()):
        statement = update(ImportJob).where(ImportJob.id == job.id).values(**values)
        db.session.execute(statement.execution_options(synchronize_session=False))


def _rejection(job: ImportJob, number: int, cells: Sequence[Any], why: str) -> ImportRejection:
    texts = [storable(as_text(cell)) for cell in cells]
    return ImportRejection(
        job_id=job.id, row_number=number, reason=RejectReason.FORM, value=why[:500], cells=texts
    )
