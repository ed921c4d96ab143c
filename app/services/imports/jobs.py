"""Import jobs: upload, start and summary. Each file is imported once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.exc import IntegrityError

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import MOST_BYTES, Stored, StoreUnavailable, TooLarge, storage
from app.lib.jalali import format_datetime
from app.lib.persian import persian_digits
from app.services.audit.record import record
from app.services.imports.files import BadFile, first_look
from app.services.imports.remembered import headings_key
from models.job import ORDERS, ImportJob, ImportRejection, ImportStatus, RejectReason
from models.order_source import OrderSource, SourceKind
from models.tenancy.scope import actor_of

TAKEN_IN = (ImportStatus.QUEUED, ImportStatus.RUNNING, ImportStatus.DONE)


class AlreadyImported(DomainError):
    """A file with the same bytes was imported before."""


class MissingColumn(DomainError):
    """A required field has no column."""


def receive_file(stream: BinaryIO, *, name: str, client_token: UUID) -> ImportJob:
    """Store the file and add its job; a form that is sent twice gives the same job. Raises `BadFile`."""
    known = find_by_token(client_token)
    if known is not None:
        return known
    try:
        stored = storage().save(stream)
    except TooLarge as error:
        raise BadFile(
            _("The file is larger than %(megabytes)s megabytes."),
            field="file",
            megabytes=persian_digits(MOST_BYTES // 1024**2),
        ) from error
    except StoreUnavailable as error:
        raise BadFile(_("The file could not be stored. Try again in a few moments."), field="file") from error
    try:
        return _add_job(stored, name=name, client_token=client_token)
    except DomainError:
        storage().delete(stored.name)
        raise
    except IntegrityError:
        # A concurrent request with the same form has added the job.
        storage().delete(stored.name)
        return db.session.scalars(select(ImportJob).where(ImportJob.client_token == client_token)).one()


def _add_job(stored: Stored, *, name: str, client_token: UUID) -> ImportJob:
    headings, total_rows = first_look(stored.name, name)
    session = db.session()
    with session.begin_nested():
        job = ImportJob(
            client_token=client_token,
            created_by_id=actor_of(session).member_id,
            original_name=name[-255:],
            stored_name=stored.name,
            sha256=stored.sha256,
            source=_import_source(),
            headings=list(headings),
            total_rows=total_rows,
        )
        session.add(job)
    return job


def _import_source() -> OrderSource | None:
    return db.session.scalar(
        select(OrderSource).where(OrderSource.kind == SourceKind.IMPORT).order_by(OrderSource.id).limit(1)
    )


def find_by_token(client_token: UUID) -> ImportJob | None:
    return db.session.scalar(select(ImportJob).where(ImportJob.client_token == client_token))


def find_earlier(job: ImportJob) -> ImportJob | None:
    """The earlier import of the same bytes, if any."""
    return db.session.scalar(
        select(ImportJob).where(
            ImportJob.section == ORDERS,
            ImportJob.sha256 == job.sha256,
            ImportJob.id != job.id,
            ImportJob.status.in_(TAKEN_IN),
        )
    )


def queue_import(job: ImportJob, mapping: Mapping[str, int], *, assign: bool = False) -> bool:
    """Queue *job* for a worker; False when it was queued before, so that two clicks make one import."""
    check_mapping(mapping)
    earlier = find_earlier(job)
    if earlier is not None:
        raise already_imported(earlier)
    try:
        with db.session.begin_nested():
            released: CursorResult[Any] = db.session.execute(
                update(ImportJob)
                .where(ImportJob.id == job.id, ImportJob.status == ImportStatus.UPLOADED)
                .values(
                    status=ImportStatus.QUEUED,
                    mapping=dict(mapping),
                    assign=assign,
                    headings_key=headings_key(job.headings),
                )
                .execution_options(synchronize_session=False)
            )
    except IntegrityError as error:
        raise already_imported(find_earlier(job) or job) from error
    db.session.refresh(job)
    if released.rowcount:
        record("import", job, after={"file": job.original_name, "rows": job.total_rows})
    return bool(released.rowcount)


def remember_columns(job: ImportJob, mapping: Mapping[str, int]) -> None:
    """Store the chosen columns until the job is queued."""
    check_mapping(mapping)
    if job.status is ImportStatus.UPLOADED:
        job.mapping = dict(mapping)
        db.session.flush()


def discard(job: ImportJob) -> None:
    """Delete a job that was never queued, and its file."""
    storage().delete(job.stored_name)
    db.session.delete(job)
    db.session.flush()


def check_mapping(mapping: Mapping[str, int]) -> None:
    """Raise `MissingColumn` for a mapping without mobile or product."""
    if "mobile" not in mapping:
        raise MissingColumn(_("Say which column holds the mobile number."), field="mobile")
    if "product" not in mapping:
        raise MissingColumn(_("Say which column holds the product."), field="product")


def already_imported(earlier: ImportJob) -> AlreadyImported:
    """The refusal that names the time of the earlier import."""
    return AlreadyImported(
        _("This file was imported on %(when)s already; nothing was added."),
        when=format_datetime(earlier.created_at),
    )


def rejections_of(job: ImportJob) -> dict[RejectReason, list[int]]:
    """The numbers of the rejected rows by reason."""
    found: dict[RejectReason, list[int]] = {}
    statement = (
        select(ImportRejection.reason, ImportRejection.row_number)
        .where(ImportRejection.job_id == job.id)
        .order_by(ImportRejection.row_number)
    )
    for reason, number in db.session.execute(statement):
        found.setdefault(reason, []).append(number)
    return found


def count_rejections(job: ImportJob) -> dict[RejectReason, int]:
    """The number of rejected rows by reason, most frequent first."""
    statement = (
        select(ImportRejection.reason, func.count())
        .where(ImportRejection.job_id == job.id)
        .group_by(ImportRejection.reason)
        .order_by(func.count().desc())
    )
    return dict(db.session.execute(statement).all())


def first_rejections(job: ImportJob, *, limit: int = 50) -> Sequence[ImportRejection]:
    statement = select(ImportRejection).where(ImportRejection.job_id == job.id)
    return db.session.scalars(statement.order_by(ImportRejection.row_number).limit(limit)).all()


def summarize(job: ImportJob) -> dict[str, Any]:
    """The figures of a finished import, as `import-orders --json` prints them."""
    rejected = rejections_of(job)
    always = (RejectReason.MOBILE, RejectReason.PRODUCT, RejectReason.DATE)
    return {
        "rows": job.total_rows,
        "accepted": job.accepted,
        "customers": job.new_customers,
        "repeated": job.repeated,
        "first_orders": job.accepted - job.repeated,
        "rejected": {
            reason.value: rejected.get(reason, [])
            for reason in RejectReason
            if reason in always or reason in rejected
        },
    }
