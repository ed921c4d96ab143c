"""Pages that a job makes: their member reads them for some minutes, and asks for them again afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from app.extensions import db
from app.gateways.storage import StoreUnavailable, storage
from app.lib.clock import now
from app.panel.actor import member_id
from app.panel.bulk.progress import JobPage, export_page
from models.job import ExportFormat, ExportJob, JobStatus

# So long a job that failed is shown in place of what it should have made.
_SHOWN_FOR = timedelta(minutes=15)


@dataclass(frozen=True)
class MadePage:
    """The page that a job makes: its text, or the job at work or failed, or neither yet; `token` names a new job."""

    query: str
    token: str
    body: str | None = None
    job: JobPage | None = None

    @property
    def is_there(self) -> bool:
        """Whether nothing has to be made."""
        return self.body is not None or (self.job is not None and self.job.is_under_way)


def made_page(view: Any, query: str, *, columns: Sequence[str] = ()) -> MadePage:
    """What the member's last job of *view* for *query* has made so far; a job with other *columns* does not count."""
    job = db.session.scalar(
        select(ExportJob)
        .where(
            ExportJob.created_by_id == member_id(),
            ExportJob.file_format == ExportFormat.PAGE,
            ExportJob.section == view.slug,
            ExportJob.query == query,
        )
        .order_by(ExportJob.id.desc())
        .limit(1)
    )
    token = str(uuid4())
    if job is None or list(job.columns) != list(columns):
        return MadePage(query, token)
    if job.status is JobStatus.DONE:
        return MadePage(query, token, body=_body(job))
    is_shown = job.is_under_way or _is_recent(job.finished_at)
    return MadePage(query, token, job=export_page(job) if is_shown else None)


def _is_recent(ended: datetime | None) -> bool:
    return ended is not None and ended > now() - _SHOWN_FOR


def _body(job: ExportJob) -> str | None:
    """What *job* has made; None where its time is over or the store does not have it."""
    if job.stored_name is None or job.expires_at is None or job.expires_at <= now():
        return None
    try:
        with storage().open(job.stored_name) as file:
            text: str = file.read().decode()
    except (FileNotFoundError, StoreUnavailable):
        return None
    return text
