"""The table in an import's file, and the file of its rejected rows."""

from __future__ import annotations

from pathlib import Path

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.extensions import db
from app.gateways.storage.reading import job_table
from app.gateways.storage.tables import BadFile, first_look, notes_of, read_table, refusal
from app.lib.tables.rejected import write_rejected
from models.job import ImportJob, ImportRejection

__all__ = ["BadFile", "first_look", "job_table", "notes_of", "read_table", "refusal", "write_rejections"]


def write_rejections(job: ImportJob, path: Path) -> None:
    """Write a workbook of the rejected rows with a last column for the reason; once corrected, it can be imported."""
    headers = job.headings or job_table(job).headers
    statement = (
        select(ImportRejection.cells, ImportRejection.reason)
        .where(ImportRejection.job_id == job.id)
        .order_by(ImportRejection.row_number)
    )
    width = len(headers)
    rows = (
        [*cells[:width], *[""] * (width - len(cells)), str(reason.label)]
        for cells, reason in db.session.execute(statement)
    )
    write_rejected(path, [*headers, str(_("Why it was rejected"))], rows)
