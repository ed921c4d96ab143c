"""Reports over long ranges: a job makes the page, which its member reads for some minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.panel.export import made as export_made
from app.panel.export.job import queue_job
from app.panel.export.made import MadePage
from app.panel.report.page import argument_names
from app.panel.report.words import Asked
from models.job import ExportFormat, ExportJob
from models.tenancy.scope import actor_of

# About the rows that are read within two seconds.
MOST_AT_ONCE = 100_000


def is_long(report: Any, asked: Asked) -> bool:
    """Whether a job has to make the page."""
    return report.size_of is not None and is_too_much(report.size_of(asked))


def is_too_much(rows: int) -> bool:
    """Whether so many rows are too many to read within a request."""
    return rows > MOST_AT_ONCE


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
    found = export_made.made_page(report, query, columns=reading_scope())
    # The templates of the report wrote it.
    return found if found.body is None else replace(found, body=Markup(found.body))
