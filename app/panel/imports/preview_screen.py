"""The preview of an import: a small file is read within the request, a large one by a job (decision 84)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage.reading import DATES, NUMBERS, SHEET, forget_ambiguous, is_surveyed, note_ambiguous
from app.gateways.storage.tables import refusal
from app.lib.tables.source import UnreadableFile
from app.panel.access import wants_fragment
from app.panel.bulk.progress import PageWords
from app.panel.export.job import queue_job
from app.panel.export.made import MadePage, made_page
from app.panel.forms.routes import FormScreen
from app.panel.impersonation import JobAborted
from app.panel.queries.arguments import read_query
from models.job import ExportFormat, ExportJob, ImportJob, ImportStatus

# About the cells that are read within a second.
MOST_CELLS = 60_000
_IMPORT = "import"


class UnseenPreview(DomainError):
    """A large file whose preview was not made yet."""


class PreviewScreen(FormScreen):
    """What the previews of orders and of sections have in common."""

    # The right that the job of a preview asks for.
    page_right: ClassVar[str] = "can_import"
    # What else is read for a row of the file, in cells.
    preview_weight: ClassVar[int] = 0

    def preview_url(self, key: int) -> str:
        """The address of the preview of the import *key*."""
        return f"{self.base_url}import/{key}/preview"

    def make_url(self, key: int) -> str:
        """The address that takes the request for the job."""
        return f"{self.base_url}import/{key}/make"

    def find_ambiguous(self, job: ImportJob) -> Mapping[str, Any]:
        """What is ambiguous in the chosen columns of the file."""
        raise NotImplementedError

    def preview_steps(self, job: ImportJob) -> Iterator[tuple[int, Any]]:
        """The number of rows that were read so far, and the preview of them as JSON takes it."""
        raise NotImplementedError

    def survey(self, job: ImportJob) -> None:
        """Store what is ambiguous in the columns just chosen; for a large file the job of the preview does."""
        if job.status is not ImportStatus.UPLOADED:
            return
        if self.is_long(job):
            forget_ambiguous(job)
        else:
            note_ambiguous(job, self.find_ambiguous(job))

    def is_long(self, job: ImportJob) -> bool:
        """Whether a job has to make the preview."""
        return job.total_rows * (len(job.headings) + self.preview_weight) > MOST_CELLS

    def made_preview(self, job: ImportJob) -> MadePage:
        """What the member's last job has made of the file as it is read now."""
        return made_page(self, query_of(job))

    def making_page(self, job: ImportJob, made: MadePage, back_url: str) -> str:
        """The page that stands in place of the preview until it is made."""
        return self.render_template(
            "panel/imports/making.html", job=job, made=made, back_url=back_url, section=self
        )

    def make_preview(self, job: ImportJob) -> Any:
        """Queue the job that makes the preview; nothing where one is at work or the preview is there."""
        url = self.preview_url(job.id)
        # Two tabs that ask at the same moment get one job.
        db.session.refresh(job, with_for_update=True)
        if job.status is not ImportStatus.UPLOADED or not job.mapping or not self.is_long(job):
            return redirect(url)
        if not self.made_preview(job).is_there:
            queued = queue_job(
                self, query_of(job), ExportFormat.PAGE, job.total_rows, columns=(), masked=False
            )
            queued.original_name = job.original_name
            db.session.commit()
        if not wants_fragment():
            return redirect(url)
        made = self.made_preview(job)
        return self.render_template("panel/imports/_making.html", job=job, made=made, section=self)

    def refuse_unseen(self, job: ImportJob) -> None:
        """Raise `UnseenPreview` for a large file in which no job has looked for ambiguous columns."""
        if job.status is ImportStatus.UPLOADED and self.is_long(job) and not is_surveyed(job):
            raise UnseenPreview(_l("Look at the preview of this file first."))

    def page_words(self, job: ExportJob) -> PageWords:
        """How the job of a preview is shown."""
        return PageWords(
            title=_("Preview of %(name)s", name=job.original_name),
            url=self.preview_url(_key_of(job)),
            label=_("Show the preview"),
            ready=_("The preview is ready."),
            stopped=_("The preview was stopped before it was ready."),
        )

    def write_page(self, job: ExportJob, path: Path) -> Iterator[int]:
        """Write the preview that *job* asks for into the file at *path*; yields the number of read rows."""
        # Before the file is read: a job that was stopped while it waited ends here.
        yield 0
        imported, made = _import_of(job), None
        try:
            if not is_surveyed(imported):
                found = self.find_ambiguous(imported)
                # Another tab may have changed the columns while the file was read.
                note_ambiguous(_import_of(job, locked=True), found)
                yield 0
            for count, each in self.preview_steps(imported):
                made = each
                yield count
        except UnreadableFile as error:
            raise refusal(error) from error
        path.write_text(json.dumps(made), encoding="utf-8")
        yield job.total


def query_of(job: ImportJob) -> str:
    """The import, its columns, and how its file is read: by them a preview is found again."""
    reading = {name: job.reading[name] for name in (SHEET, DATES, NUMBERS) if job.reading.get(name)}
    columns = json.dumps(job.mapping, sort_keys=True)
    return urlencode({_IMPORT: job.id, "columns": columns, **reading})


def _key_of(job: ExportJob) -> int:
    return int(read_query(job.query)[_IMPORT])


def _import_of(job: ExportJob, *, locked: bool = False) -> ImportJob:
    """The import whose preview *job* makes, as the member left it; raises `JobAborted` when it was changed."""
    found: ImportJob | None = db.session.get(
        ImportJob, _key_of(job), with_for_update=locked, populate_existing=True
    )
    if found is None or found.status is not ImportStatus.UPLOADED or query_of(found) != job.query:
        raise JobAborted(_("The columns of this file were changed; open its preview again."))
    return found
