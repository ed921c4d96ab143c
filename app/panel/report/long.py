"""Reports over long ranges: a job makes the page, which its member reads for some minutes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from markupsafe import Markup
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.gateways.storage import StoreUnavailable, storage
from app.lib.clock import now
from app.panel.actor import member_id
from app.panel.bulk.progress import export_page
from app.panel.export.job import queue_job
from app.panel.report.page import MadePage, argument_names
from app.panel.report.words import Asked
from models.job import ExportFormat, ExportJob, JobStatus
from models.tenancy.scope import actor_of

# About the rows that are read within two seconds.
MOST_AT_ONCE = 100_000
# So long a job that failed is shown in place of the figures.
_SHOWN_FOR = timedelta(minutes=15)


def is_long(report: Any, asked: Asked) -> bool:
    """Whether a job has to make the page."""
    return report.size_of is not None and report.size_of(asked) > MOST_AT_ONCE


def query_of(report: Any, arguments: MultiDict[str, str]) -> str:
    """The arguments that the report reads, in one order: by them a page is found again."""
    names = argument_names(report)
    return urlencode(sorted((name, value) for name, value in arguments.items() if name in names and value))


def reading_scope() -> Sequence[str]:
    """Whose rows the member reads; a page is shown to a member who still reads the same."""
    return ["own"] if actor_of(db.session()).own else []


def queue_page(report: Any, query: str, asked: Asked) -> ExportJob:
    """The queued job that makes the page; flushed."""
    size = report.size_of(asked)
    return queue_job(report, query, ExportFormat.PAGE, size, columns=reading_scope(), masked=False)


def made_page(report: Any, query: str) -> MadePage:
    """What the member's last job for *query* has made so far."""
    job = db.session.scalar(
        select(ExportJob)
        .where(
            ExportJob.created_by_id == member_id(),
            ExportJob.file_format == ExportFormat.PAGE,
            ExportJob.section == report.slug,
            ExportJob.query == query,
        )
        .order_by(ExportJob.id.desc())
        .limit(1)
    )
    nothing = MadePage(query, str(uuid4()))
    if job is None or list(job.columns) != list(reading_scope()):
        return nothing
    if job.status is JobStatus.DONE:
        return MadePage(query, nothing.token, body=_body(job))
    is_shown = job.is_under_way or _is_recent(job.finished_at)
    return MadePage(query, nothing.token, job=export_page(job)) if is_shown else nothing


def _is_recent(ended: datetime | None) -> bool:
    return ended is not None and ended > now() - _SHOWN_FOR


def _body(job: ExportJob) -> Markup | None:
    """The figures that *job* has made; None where their time is over or the store does not have them."""
    if job.stored_name is None or job.expires_at is None or job.expires_at <= now():
        return None
    try:
        with storage().open(job.stored_name) as file:
            return Markup(file.read().decode())
    except (FileNotFoundError, StoreUnavailable):
        return None
