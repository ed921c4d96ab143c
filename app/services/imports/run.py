"""Runs an import in chunks, one transaction each, so that a killed worker loses at most one chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from app.extensions import db
from app.lib.clock import now
from app.services.assignment.assign import assign_in_turn
from app.services.bulk import insert_all
from app.services.imports.files import job_table
from app.services.imports.parse_row import RefusedRow, RowReader, as_text, reader_of, storable
from app.services.job.lease import Lease, claim
from app.services.order.new_order import NewOrder
from app.services.order.place import place_orders
from app.services.order.waiting_repeats import settle_repeats
from models.assignment import AssignmentMethod
from models.job import ImportJob, ImportRejection, ImportStatus
from models.member import Member
from models.order import OrderStatus

CHUNK = 1_000

Rows = Sequence[tuple[int, Sequence[Any]]]


@dataclass
class _Sorted:
    """A chunk of rows, sorted into orders and rejections."""

    orders: list[NewOrder] = field(default_factory=list)
    rejections: list[dict[str, Any]] = field(default_factory=list)


def run_import(job: ImportJob, *, chunk: int = CHUNK) -> Iterator[Lease]:
    """Import the rows of *job* that are left, flushed at each step; the caller commits before it asks for the next one.

    Yields the lease at each step, and nothing when another worker has the job.
    """
    lease = claim(job)
    if lease is None:
        return
    yield lease
    reader = reader_of(job, job.mapping, arrived_at=job.started_at or now())
    left = (row for row in job_table(job).rows() if row[0] >= job.next_row)
    while rows := list(islice(left, chunk)):
        if not lease.renew(job):
            return
        _import_rows(job, rows, reader)
        yield lease
    if lease.end(job, ImportStatus.DONE):
        yield lease


def _import_rows(job: ImportJob, rows: Rows, reader: RowReader) -> None:
    found = _sort(job, rows, reader)
    placed = place_orders(found.orders, source=job.source, import_job=job)
    if job.assign:
        by = db.session.get(Member, job.created_by_id) if job.created_by_id else None
        fresh = [each for each in placed.orders if each.status is OrderStatus.NEW and not each.repeats]
        assign_in_turn(fresh, by=by, method=AssignmentMethod.IMPORT)
        settle_repeats(placed.orders)
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
