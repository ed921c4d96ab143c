"""The job of an export, of a list or of a report: its row, and the response that opens its progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4, uuid5

from flask import make_response, redirect, request
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app.extensions import db
from app.gateways.task_queue import enqueue_after_commit
from app.lib.jalali import format_date, today
from app.lib.persian import latin_digits
from app.panel.access import wants_fragment
from app.panel.actor import member_id
from app.panel.bulk.progress import export_page
from app.panel.bulk.selection import OURS
from app.panel.declaration import EXPORT
from app.panel.forms.uniqueness import is_unique_violation
from models.audit.recorder import record_event
from models.job import FILE_FORMATS, ExportFormat, ExportJob


def chosen_format() -> ExportFormat | None:
    """The file format in the form, xlsx by default; None for an unknown one."""
    wanted = request.form.get("format", ExportFormat.XLSX.value)
    return next((each for each in FILE_FORMATS if each.value == wanted), None)


def queue_job(
    view: Any, text: str, chosen: ExportFormat, count: int, *, columns: Sequence[str], masked: bool
) -> ExportJob:
    """The job that writes the file, flushed and queued; the first job for a form sent twice."""
    token = uuid5(OURS, f"export {member_id()} {request.form.get('_token') or uuid4()}")
    earlier = select(ExportJob).where(ExportJob.client_token == token)
    found: ExportJob | None = db.session.scalar(earlier)
    if found is not None:
        return found
    day = latin_digits(format_date(today())).replace("/", "-")
    job = ExportJob(
        client_token=token,
        section=view.slug,
        query=text,
        columns=list(columns),
        file_format=chosen,
        total=count,
        masked=masked,
        original_name=f"{view.title}-{day}.{chosen.value}",
    )
    try:
        with db.session.begin_nested():
            db.session.add(job)
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        first: ExportJob = db.session.scalars(earlier).one()
        return first
    if chosen in FILE_FORMATS:
        details = {"query": text[:500], "count": count, "format": chosen.value, "masked": job.masked}
        record_event(db.session(), EXPORT, job, after=details)
    enqueue_after_commit("export.run", job.id, job.organization_id)
    return job


def opened(view: Any, job: ExportJob) -> Any:
    """The response after the commit: the progress of *job*, in the dialog or as a page."""
    page = export_page(job)
    if not wants_fragment():
        return redirect(page.url)
    response: Response = make_response(view.render_template("panel/bulk/dialog.html", page=page))
    response.headers["HX-Trigger"] = "bulk:queued"
    return response
