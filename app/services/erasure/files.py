"""Files about a person: attachments of their rows, exports, and the files that they were imported from."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, event, or_, select, update
from sqlalchemy.orm import Session

from app.extensions import db
from app.gateways.storage import StoreUnavailable, storage
from app.lib.spelling import spellings_of
from app.services.erasure.person import WITH_DELETED, Person
from app.services.erasure.sweep import tests_of
from models.attachment import Attachment, stored_name_of
from models.customer import Customer
from models.follow_up import FollowUpEntry
from models.job import ORDERS, ExportJob, ImportedRow, ImportJob, ImportRejection, JobStatus
from models.order import Order
from models.support import SupportEntry

_PENDING = "files to delete"
_log = logging.getLogger(__name__)


def erase_files(person: Person) -> list[str]:
    """Erase the rows of the files and flush; returns the stored names, to be deleted after the commit."""
    names = [*_attachments(person), *_exports(), *_imports(person)]
    db.session.flush()
    return names


def delete_after_commit(names: Sequence[str]) -> None:
    """Delete stored files when the transaction commits, so that no row names a missing file after a rollback."""
    db.session().info.setdefault(_PENDING, []).extend(names)


@event.listens_for(Session, "after_commit")
def _delete(session: Session) -> None:
    # The event also fires when a savepoint is released.
    if session.in_nested_transaction():
        return
    for name in session.info.pop(_PENDING, ()):
        try:
            storage().delete(name)
        except FileNotFoundError:
            continue
        except StoreUnavailable:
            # Rows are erased by now; the sweep of files without a row deletes it.
            _log.warning("A file of an erased customer could not be deleted yet")


@event.listens_for(Session, "after_soft_rollback")
def _discard(session: Session, _previous: Any) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_PENDING, None)


def attached_to(person: Person) -> ColumnElement[bool]:
    """The condition for the files of all rows of the person."""
    parents = [
        and_(Attachment.parent_type == model.__tablename__, Attachment.parent_id.in_(keys))
        for model, keys in person.rows.items()
        if keys and model is not Attachment
    ]
    return or_(
        *parents,
        Attachment.follow_up_entry_id.in_(person.of(FollowUpEntry)),
        Attachment.support_entry_id.in_(person.of(SupportEntry)),
    )


def _attachments(person: Person) -> Sequence[str]:
    mine = attached_to(person)
    keys = db.session.scalars(select(Attachment.uuid).where(mine), execution_options=WITH_DELETED).all()
    _run(delete(Attachment).where(mine))
    return [stored_name_of(key) for key in keys]


def _exports() -> Sequence[str]:
    """All files that can still be downloaded, whatever rows are in them; no index says which."""
    stored = select(ExportJob.stored_name).where(ExportJob.stored_name.is_not(None))
    names = [name for name in db.session.scalars(stored) if name]
    _run(update(ExportJob).where(ExportJob.stored_name.is_not(None)).values(stored_name=None))
    # A worker that has read the person already loses its lease, and its file; the sweep has the export made once more.
    anew = {"status": JobStatus.QUEUED, "lease_until": None, "done": 0}
    _run(update(ExportJob).where(ExportJob.status == JobStatus.RUNNING).values(**anew))
    return names


def _imports(person: Person) -> Sequence[str]:
    """The files of ended imports that name the person; what an import has written of the person is no longer undone."""
    rows = and_(ImportedRow.row_id.in_(person.keys), ImportedRow.job_id.in_(_jobs_of(Customer.__tablename__)))
    with_orders = select(Order.import_job_id).where(Order.id.in_(person.of(Order)))
    with_rows = select(ImportedRow.job_id).where(rows)
    jobs = select(ImportJob).where(
        or_(*(ImportJob.id.in_(keys) for keys in (with_orders, with_rows, _jobs_that_rejected(person))))
    )
    found = db.session.scalars(jobs, execution_options=WITH_DELETED).all()
    _run(delete(ImportedRow).where(rows))
    return [job.stored_name for job in found if not job.is_under_way]


def _jobs_that_rejected(person: Person) -> set[int]:
    """The imports with a rejected row that names the person: such a row belongs to no customer."""
    columns, spellings = (ImportRejection.value, ImportRejection.cells), spellings_of(person.texts)
    tests = [test for column in columns for test in tests_of(column, spellings)]
    if not tests:
        return set()
    rows = db.session.execute(select(ImportRejection.job_id, *columns).where(or_(*tests)))
    return {
        key
        for key, value, cells in rows
        if any(each.is_in(text) for each in spellings for text in (value, *map(str, cells)))
    }


def _jobs_of(section: str) -> Any:
    return select(ImportJob.id).where(ImportJob.section == section, ImportJob.section != ORDERS)


def _run(statement: Any) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False, **WITH_DELETED})
