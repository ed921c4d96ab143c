"""A bulk job, one chunk at a time, with the current rights of the member who requested it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask_babel import lazy_gettext as _
from sqlalchemy import insert, update
from sqlalchemy.orm import load_only
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.panel.action import Done, event_name_of
from app.panel.bulk.conditions import lock_rows
from app.panel.bulk.selection import KEYS, rows_meant
from app.panel.impersonation import JobAborted, lock_permission, run_as_requester
from app.panel.records.undo import UndoBatch, undo_batch
from models.audit.recorder import muted, name_event
from models.base import Row
from models.job import BulkFailure, BulkJob
from models.tenancy.scope import fill_tenant

# The most rows that one audit event can name.
CHUNK = 500
# Keys in the job's `form` that are no form fields: the undo address, the row counts by name, and the message of an act
# on rows that were chosen one by one.
UNDO = "@undo"
TALLY = "@tally"
MESSAGE = "@message"


@dataclass
class Run:
    """A job, its section and its action in one transaction, which acts for the requester."""

    job: BulkJob
    section: Any
    chosen: Any  # an Action; None when the section no longer declares it

    @property
    def has_lost_all(self) -> bool:
        """Whether all rows that were chosen one by one are gone, and the job was not stopped."""
        return KEYS in self.job.form and not self.job.done and not self.job.cancel_asked

    def rows(self, keys: Sequence[int] | None = None) -> Sequence[Row]:
        """The next chunk of rows in key order, or the rows of *keys* that still match."""
        model, job = self.section.model, self.job
        statement = rows_meant(self.section, job.query).order_by(model.id)
        if KEYS in job.form:
            statement = statement.where(model.id.in_(job.form[KEYS]))
        if keys is None:
            statement = statement.where(model.id > job.last_key, model.id <= job.most_key).limit(CHUNK)
        else:
            statement = statement.where(model.id.in_(keys))
        if self.chosen.name == "remove":
            statement = statement.options(load_only(model.id))
        if self.chosen.danger:
            statement = statement.with_for_update(of=model)
        found = db.session.scalars(statement.execution_options(populate_existing=True))
        rows: Sequence[Row] = found.all()
        return rows

    def form(self) -> Any:
        """The form step as it was sent; raises `JobAborted` when its values are no longer valid."""
        if self.chosen.form is None:
            return None
        sent = MultiDict(
            (key, value)
            for key, values in self.job.form.items()
            if not key.startswith("@")
            for value in values
        )
        form = self.chosen.form(formdata=sent, meta={"csrf": False})
        if not form.validate():
            first = next((error for errors in form.errors.values() for error in errors), "")
            raise JobAborted(_("What was chosen is no longer possible. %(reason)s"), reason=first)
        return form

    def act(self, rows: Sequence[Row]) -> Done:
        """Run the action on *rows* and update the progress; the caller commits both together."""
        self.advance(rows[-1].id, len(rows))
        form = self.form()
        choice = lock_rows(self.section, self.chosen, rows, form)
        able, done = {row.id: row for row in choice.able}, Done("")
        if able:
            name_event(db.session(), event_name_of(self.chosen), self.section.model, list(able))
            done = self.chosen.run(self.section, choice.able, form)
        # The act expires its rows, and a label may read parents: only the refused rows are read again.
        late = {key: (str(able[key]), reason) for key, reason in done.refused.items()}
        refused = {**choice.refused, **late}
        if refused:
            self.fail([(key, label, why) for key, (label, why) in refused.items()])
        self.store_result(done)
        return done

    def advance(self, key: int, count: int) -> None:
        self._write(last_key=key, done=BulkJob.done + count)

    def fail(self, rows: Sequence[tuple[int, str, str]]) -> None:
        """Store the refused *rows*: key, label and reason."""
        failures: list[dict[str, Any]] = [
            {"job_id": self.job.id, "row_id": key, "label": label[:255], "reason": why[:500]}
            for key, label, why in rows
        ]
        session = db.session()
        with muted(session):
            session.execute(
                insert(BulkFailure).returning(BulkFailure.id), fill_tenant(session, failures)
            ).all()
        self._write(failed=BulkJob.failed + len(failures))

    def store_result(self, done: Done) -> None:
        """Store the undo address of the first chunk and the message, and add up the row counts by name."""
        if done.undo_url and UNDO not in self.job.form:
            self._write(form={**self.job.form, UNDO: done.undo_url})
        if done.message and KEYS in self.job.form:
            self._write(form={**self.job.form, MESSAGE: done.message})
        if done.tally:
            sums = Counter(self.job.form.get(TALLY, {})) + Counter(done.tally)
            self._write(form={**self.job.form, TALLY: dict(sums)})

    def _write(self, **values: Any) -> None:
        session = db.session()
        statement = update(BulkJob).where(BulkJob.id == self.job.id).values(**values)
        with muted(session):  # Progress is no audit event.
            session.execute(statement.execution_options(synchronize_session=False))
            session.refresh(self.job)


@contextmanager
def as_requester(job_id: int, organization_id: int) -> Iterator[Run]:
    """The job in its own app context, whose session acts for the requester with their current rights."""
    with run_as_requester(BulkJob, job_id, organization_id) as requester_job:
        job, section = requester_job.job, requester_job.section
        chosen = section.declared_actions.get(job.action) if section else None
        with undo_batch(UndoBatch(job.batch or uuid4(), job.created_at)):
            yield Run(job, section, chosen)


def refuse_lost_rights(run: Run) -> None:
    """Raise `JobAborted` unless the requester is active and permitted; lock both until the commit."""
    if run.section is None or run.chosen is None:
        raise JobAborted(_("This act does not exist any more."))
    lock_permission(run.job, run.section, run.section.permission_of(run.chosen))
