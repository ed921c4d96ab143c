"""Bulk deletion and restoration on PostgreSQL: seconds, rows per second, statements.

``python bench/bench_bulk.py [rows [of]]`` deletes *rows* follow-ups (50,000) of a list of *of* (100,000) with the panel's
background job, restores them as a batch, and prints a line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from flask import Flask  # noqa: E402 - the path comes first
from ground import MANAGER, prepare  # noqa: E402 - the path comes first
from sqlalchemy import event, func, select  # noqa: E402 - the path comes first

from tests.support.databases import create_database, postgres_server  # noqa: E402 - the path comes first


def measure(app: Flask, rows: int, of: int) -> dict[str, Any]:
    """The figures of the job and of the restoration."""
    from flask import current_app  # noqa: PLC0415 - only once the environment is set

    from app.extensions import db  # noqa: PLC0415 - the same
    from app.panel.records.deleted_rows import find_batch  # noqa: PLC0415 - the same
    from app.panel.records.restore import restore  # noqa: PLC0415 - the same
    from app.tasks.bulk import run_bulk_job  # noqa: PLC0415 - the same
    from models.follow_up import FollowUp  # noqa: PLC0415 - the same
    from models.job import BulkJob  # noqa: PLC0415 - the same
    from models.member import Member  # noqa: PLC0415 - the same
    from models.tenancy.scope import Actor, acting_as  # noqa: PLC0415 - the same

    statements = 0

    def count(*_: Any) -> None:
        nonlocal statements
        statements += 1

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", count)
        manager = db.session.scalars(select(Member).where(Member.username == MANAGER)).one()
        actor = Actor(manager.organization_id, manager.id)
        with acting_as(db.session(), actor) as session:
            numbered = select(FollowUp.id).order_by(FollowUp.id)
            last = session.scalars(numbered.offset(rows - 1).limit(1)).one()
            job = make_job(BulkJob, rows, last)
            session.add(job)
            session.commit()
            job_id, batch = job.id, job.batch
        begun, before = time.perf_counter(), statements
        with current_app.app_context():
            run_bulk_job(job_id, actor.organization_id)
        deleted = time.perf_counter() - begun
        statements_of_job = statements - before
        with acting_as(db.session(), actor) as session:
            job = session.get_one(BulkJob, job_id)
            result = {"status": job.status.value, "done": job.done, "failed": job.failed}
            left = session.scalar(select(func.count(FollowUp.id)))
            begun = time.perf_counter()
            restored = restore(find_batch(batch)).count()
            session.commit()
        return {
            "of": of,
            **result,
            "left": left,
            "delete s": round(deleted, 1),
            "rows/s": round(rows / deleted),
            "statements": statements_of_job,
            "restored": restored,
            "restore s": round(time.perf_counter() - begun, 1),
        }


def make_job(model: Any, rows: int, last: int) -> Any:
    """The job that the bulk bar would queue."""
    from uuid import uuid4  # noqa: PLC0415 - beside its only use

    job = model(client_token=uuid4(), section="follow-ups", query="tab=all", action="remove", form={})
    job.total, job.most_key, job.batch = rows, last, uuid4()
    return job


def main() -> None:
    rows, of = (
        [int(each.replace("_", "")) for each in sys.argv[1:]] + [50_000, 100_000][len(sys.argv) - 1 :]
    )[:2]
    with postgres_server() as server:
        url = create_database(server, "bench_bulk")
        app = prepare(url, of)
        print(json.dumps(measure(app, rows, of), ensure_ascii=False))


if __name__ == "__main__":
    main()
