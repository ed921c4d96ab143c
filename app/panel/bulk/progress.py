"""The progress and result of a bulk job or an export, for its page and its dialog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from app.lib.persian import persian_digits
from app.panel.bulk.job import MESSAGE, TALLY, UNDO
from app.panel.impersonation import section_of
from app.panel.records.undo import UNDO_FOR
from models.job import BulkFailure, BulkJob, ExportFormat, ExportJob, JobStatus

MOST_FAILURES = 100


@dataclass(frozen=True)
class JobPage:
    """The data of a job's page and dialog; the templates run no queries."""

    job: Any
    title: str
    label: str
    sentence: str
    url: str
    back_url: str
    undo_url: str | None = None
    failures: Sequence[BulkFailure] = ()
    failed: int = 0
    file_url: str | None = None
    # Where `back_url` leads; empty for a list.
    back_label: str = ""

    @property
    def is_under_way(self) -> bool:
        return bool(self.job.is_under_way)

    @property
    def level(self) -> str:
        return {JobStatus.FAILED: "danger", JobStatus.DONE: "info"}.get(self.job.status, "warning")


@dataclass(frozen=True)
class PageWords:
    """The page that a job makes: its title, where it stands, and the sentences on the end of its job."""

    title: str
    url: str
    label: str
    ready: str
    stopped: str


def job_page(job: BulkJob) -> JobPage:
    """The page of a bulk job."""
    section = section_of(job.section)
    chosen = section.declared_actions.get(job.action) if section else None
    return JobPage(
        job=job,
        title=f"{chosen.label}: {section.title}" if chosen and section else _("Bulk act"),
        label=chosen.submit(job.total, section.title_one) if chosen and section else _("Bulk act"),
        sentence=persian_digits(_sentence(job)),
        url=f"/jobs/{job.id}",
        back_url=section.base_url if section else "/",
        undo_url=_undo_url(job),
        failures=_failures(job) if job.failed else [],
        failed=job.failed,
    )


def export_page(job: ExportJob) -> JobPage:
    """The page of an export."""
    section = section_of(job.section)
    has_file = job.stored_name is not None and job.expires_at is not None and job.expires_at > now()
    title = section.title if section else _("Export")
    if section is not None and job.file_format is ExportFormat.PAGE:
        return _made_page(job, section.page_words(job), has_page=has_file)
    return JobPage(
        job=job,
        title=_("Export of %(what)s", what=title),
        label=job.original_name,
        sentence=persian_digits(_export_sentence(job, has_file=has_file)),
        url=f"/exports/{job.id}",
        back_url=section.base_url if section else "/",
        file_url=f"/exports/{job.id}/file" if has_file else None,
    )


def _made_page(job: ExportJob, words: PageWords, *, has_page: bool) -> JobPage:
    """The page of a job that makes a page."""
    sentence = _export_sentence(job, has_file=has_page)
    if job.status is JobStatus.CANCELLED:
        sentence = words.stopped
    elif job.status is JobStatus.DONE:
        sentence = words.ready if has_page else _("The time of this page is over; make it once more.")
    return JobPage(
        job=job,
        title=words.title,
        label=words.title,
        sentence=str(sentence),
        url=f"/exports/{job.id}",
        back_url=words.url,
        back_label=words.label,
    )


def _export_sentence(job: ExportJob, *, has_file: bool) -> str:
    sentence: str
    if job.status is JobStatus.CANCELLED:
        sentence = _("The export was stopped; there is no file.")
    elif job.status is JobStatus.FAILED:
        sentence = job.error or _("An internal error stopped this.")
    elif job.status is JobStatus.DONE and not has_file:
        sentence = _("The day of this file is over; export once more.")
    else:
        sentence = _("%(num)s %(what)s in the file.", num=job.done, what=_noun(job))
    return sentence


def _undo_url(job: BulkJob) -> str | None:
    """The address that undoes the job; None when it can't be undone."""
    is_recent = job.finished_at is not None and job.finished_at > now() - UNDO_FOR
    has_ended = job.status in {JobStatus.DONE, JobStatus.CANCELLED, JobStatus.FAILED}
    return str(job.form[UNDO]) if is_recent and has_ended and job.form.get(UNDO) else None


def _sentence(job: BulkJob) -> str:
    sentence: str
    if job.status is JobStatus.UNDONE:
        sentence = _("This was taken back.")
    elif job.status is JobStatus.CANCELLED:
        sentence = _("Stopped: %(words)s", words=_result(job))
    elif job.status is JobStatus.FAILED:
        sentence = f"{job.error or ''} {_result(job)}".strip()
    else:
        sentence = _result(job)
    return sentence


def _result(job: BulkJob) -> str:
    """The message of one act; else the numbers of processed and refused rows, and the rows by name where it counts them."""
    if message := job.form.get(MESSAGE):
        return str(message)
    processed = job.done - job.failed
    words: str = _("%(num)s %(what)s done.", num=processed, what=_noun(job))
    if job.failed:
        words += " " + _("%(num)s %(what)s refused.", num=job.failed, what=_noun(job))
    if tally := job.form.get(TALLY):
        shares = "، ".join(f"{name} {number}" for name, number in tally.items())
        words += " " + _("Who got how many: %(shares)s.", shares=shares)
    return words


def _noun(job: BulkJob | ExportJob) -> str:
    section = section_of(job.section)
    return str(section.title_one if section else _("item"))


def _failures(job: BulkJob) -> Sequence[BulkFailure]:
    statement = select(BulkFailure).where(BulkFailure.job_id == job.id).order_by(BulkFailure.id)
    failures: Sequence[BulkFailure] = db.session.scalars(statement.limit(MOST_FAILURES)).all()
    return failures
