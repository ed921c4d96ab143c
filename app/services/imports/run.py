"""The import itself: chunk after chunk, each a transaction of its own, so that a killed worker loses nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import CursorResult, and_, func, or_, select, update

from app.extensions import db
from app.lib.clock import now
from app.services.assignment.assign import assign_in_turn
from app.services.bulk import insert_all
from app.services.imports.files import job_table
from app.services.imports.parse_row import RefusedRow, RowReader, as_text, product_index, storable
from app.services.order.place import NewOrder, place_orders
from models.assignment import AssignmentMethod
from models.job import ORDERS, ImportJob, ImportRejection, ImportStatus
from models.member import Member
from models.order import OrderStatus
from models.types import UtcDateTime

CHUNK = 1_000
# A chunk takes a second or two; a worker that was silent for so long is dead.
LEASE = timedelta(minutes=2)

Rows = Sequence[tuple[int, Sequence[Any]]]


@dataclass
class _Sorted:
    """What a chunk of rows has become."""

    orders: list[NewOrder] = field(default_factory=list)
    rejections: list[dict[str, Any]] = field(default_factory=list)


def run_import(job: ImportJob, *, chunk: int = CHUNK) -> Iterator[ImportJob]:
    """Work off *job*, flushed at each step; the caller commits before it asks for the next one.

    Yields nothing when another worker has the job. What was committed is not read again after a crash.
    """
    lease = _claim(job)
    if lease is None:
        return
    yield job
    reader = RowReader(job.mapping, product_index(), job.started_at or now())
    ahead = (row for row in job_table(job).rows() if row[0] >= job.next_row)
    while rows := list(islice(ahead, chunk)):
        lease = _renew(job, lease)
        if lease is None:
            return
        _work_off(job, rows, reader)
        yield job
    if _renew(job, lease) is not None:
        job.status, job.lease_until, job.finished_at = ImportStatus.DONE, None, now()
        db.session.flush()
        yield job


def fail_import(job: ImportJob, reason: str) -> None:
    """Say why *job* ended; what it had committed stays and can be taken back."""
    job.status, job.lease_until, job.error = ImportStatus.FAILED, None, reason[:500]
    db.session.flush()


def find_abandoned() -> list[tuple[int, int]]:
    """(job, organisation) of what waits in the queue, or runs for a worker that is gone; of all organisations."""
    statement = select(ImportJob.id, ImportJob.organization_id).where(
        ImportJob.section == ORDERS, _is_free(_database_now())
    )
    # The sweep works for everybody; it learns ids alone, and each job then runs bound to its organisation.
    found = db.session.execute(statement, execution_options={"unscoped": True})
    return [(key, owner) for key, owner in found]


def _database_now() -> datetime:
    """Leases go by the one clock that all workers share."""
    moment: datetime = db.session.scalars(select(func.now(type_=UtcDateTime))).one()
    return moment


def _is_free(moment: datetime) -> Any:
    return or_(
        ImportJob.status == ImportStatus.QUEUED,
        and_(ImportJob.status == ImportStatus.RUNNING, ImportJob.lease_until < moment),
    )


def _claim(job: ImportJob) -> datetime | None:
    moment = _database_now()
    lease = moment + LEASE
    values = {"status": ImportStatus.RUNNING, "started_at": func.coalesce(ImportJob.started_at, now())}
    return lease if _take(job, _is_free(moment), values | {"lease_until": lease}) else None


def _renew(job: ImportJob, lease: datetime) -> datetime | None:
    """Keep the job for another while, and its row locked until the chunk is committed."""
    still_ours = and_(ImportJob.status == ImportStatus.RUNNING, ImportJob.lease_until == lease)
    renewed = _database_now() + LEASE
    return renewed if _take(job, still_ours, {"lease_until": renewed}) else None


def _take(job: ImportJob, condition: Any, values: dict[str, Any]) -> bool:
    taken: CursorResult[Any] = db.session.execute(
        update(ImportJob)
        .where(ImportJob.id == job.id, condition)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(job)
    return bool(taken.rowcount)


def _work_off(job: ImportJob, rows: Rows, reader: RowReader) -> None:
    found = _sort(job, rows, reader)
    placed = place_orders(found.orders, source=job.source, import_job=job)
    if job.assign:
        by = db.session.get(Member, job.created_by_id) if job.created_by_id else None
        fresh = [each for each in placed.orders if each.status is OrderStatus.NEW and not each.repeats]
        assign_in_turn(fresh, by=by, method=AssignmentMethod.IMPORT)
    insert_all(ImportRejection, found.rejections)
    job.accepted += len(placed.orders)
    job.new_customers += placed.new_customers
    job.repeated += placed.repeated
    job.rejected += len(found.rejections)
    job.next_row = rows[-1][0] + 1
    db.session.flush()


def _sort(job: ImportJob, rows: Rows, reader: RowReader) -> _Sorted:
    found = _Sorted()
    for number, cells in rows:
        try:
            found.orders.append(reader.read(cells))
        except RefusedRow as refusal:
            found.rejections.append(
                {
                    "job_id": job.id,
                    "row_number": number,
                    "reason": refusal.reason,
                    "value": refusal.value,
                    "cells": [storable(as_text(cell)) for cell in cells],
                }
            )
    return found
