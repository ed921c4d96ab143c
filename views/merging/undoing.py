"""The undo of merges: at once, or in a job where many rows move back."""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.errors import Conflict, DomainError
from app.extensions import db
from app.panel.access import lock_membership, requires, row_key
from app.panel.action import Done, action, counted
from app.panel.actor import member_id
from app.panel.bulk.selection import queue_chosen
from app.panel.responses import failure, lead_to, success_at
from app.services.merge.relations import MOST_MOVED
from app.services.merge.undo import Parted, find_merge, refuse_ended, undo_merge
from models.customer import Customer
from models.customer_merge import CustomerMerge
from models.job import BulkJob, JobStatus
from models.tenancy.scope import whole_organization
from views.merging.duplicates import MERGES
from views.merging.form import UndoForm
from views.merging.survivor import Survivors
from views.merging.words import undone_words

_NAME = "undo merge"


class Undoing(Survivors):
    """/undo-merge/<pk>."""

    @action(
        _l("Undo the merge"),
        icon="arrow-back-up",
        confirm=counted("Undo the merge", "Undo the merge"),
        submit=counted("Undo the merge", "Undo the merge"),
        form=UndoForm,
        single=False,
        bulk=False,
        name=_NAME,
        right="merge",
    )
    def undo_merge_rows(self, rows: Sequence[Customer], form: UndoForm) -> Done:
        """Undo the merge of the form, whose survivor a job gets as its row."""
        act = find_merge(form.merge.data or 0, lock=True)
        if act is None or act.survivor_id not in {row.id for row in rows}:
            raise Conflict(_l("No merge into this customer is there to undo."))
        return Done(undone_words(undo_merge(act)))

    @expose("/undo-merge/<pk>", methods=["POST"])
    @requires("merge")
    def undo_merge(self, pk: str) -> Response:
        lock_membership()
        act = find_merge(row_key(pk), lock=True) or abort(404)
        self.refuse_foreign([act.survivor_id])
        url = f"{self.base_url}show/{act.survivor_id}"
        try:
            parted = self.part(act)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self._duplicates_url(MERGES))
        if isinstance(parted, BulkJob):
            return lead_to(f"/jobs/{parted.id}")
        return success_at(Done(undone_words(parted)), url)

    def part(self, act: CustomerMerge) -> Parted | BulkJob:
        """Undo *act*, which is locked; returns the job that does it where many rows move back."""
        if act.moved <= MOST_MOVED:
            return undo_merge(act)
        refuse_ended(act)
        job = _job_under_way(act)
        if job is None:
            sent = MultiDict({"merge": str(act.id)})
            keys = [act.survivor_id]
            return queue_chosen(self, self.declared_actions[_NAME], keys, UndoForm(sent), sent)
        if job.created_by_id != member_id():
            raise Conflict(_l("Another member is undoing this merge."))
        return job

    def refuse_foreign(self, keys: Sequence[int]) -> None:
        """404 for a customer out of sight; one that was deleted or merged meanwhile is a conflict."""
        if set(self._in_sight(keys)) != set(keys):
            abort(404)

    def _in_sight(self, keys: Sequence[int]) -> Sequence[int]:
        """Those of *keys* that the member may see, or could see before they were deleted or merged."""
        statement = self.statement().where(Customer.id.in_(keys)).with_only_columns(Customer.id)
        return db.session.scalars(statement, execution_options={"with_deleted": True}).all()

    def _undo_url(self, key: int) -> str:
        return f"{self.base_url}undo-merge/{key}"


def _job_under_way(act: CustomerMerge) -> BulkJob | None:
    """The job that undoes *act*; the lock of *act* prevents a second one meanwhile."""
    statement = select(BulkJob).where(
        BulkJob.action == _NAME, BulkJob.status.in_((JobStatus.QUEUED, JobStatus.RUNNING))
    )
    with whole_organization(db.session()):
        found = db.session.scalars(statement).all()
    return next((job for job in found if job.form.get("merge") == [str(act.id)]), None)
