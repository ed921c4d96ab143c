"""The refused rows of an import, as a page and as a file that can be mended and sent again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from flask_babel import gettext as _
from sqlalchemy import Select, select

from app.extensions import db
from app.lib.tables.rejected import write_rejected
from models.job import ImportJob, ImportRejection

MOST_SHOWN = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def first_rejections(job: ImportJob) -> Sequence[ImportRejection]:
    found: Sequence[ImportRejection] = db.session.scalars(_of(job).limit(MOST_SHOWN)).all()
    return found


def rejected_file(job: ImportJob) -> bytes:
    """A workbook of the refused rows as they came, with their sentences in the last column."""
    width = len(job.headings)
    rows = (
        [*each.cells[:width], *[""] * (width - len(each.cells)), each.value]
        for each in db.session.scalars(_of(job))
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rejected.xlsx"
        write_rejected(path, [*job.headings, _("Why it was rejected")], rows)
        return path.read_bytes()


def _of(job: ImportJob) -> Select[tuple[ImportRejection]]:
    return (
        select(ImportRejection).where(ImportRejection.job_id == job.id).order_by(ImportRejection.row_number)
    )
