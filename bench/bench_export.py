"""Export of a list of 100,000 follow-ups on PostgreSQL: seconds, size of the file, additional memory.

``python bench/bench_export.py [rows]`` runs the panel's background job for each file format and prints a line of JSON for it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from ground import MANAGER, prepare  # noqa: E402 - the path comes first
from sqlalchemy import select  # noqa: E402 - the path comes first

from tests.support.databases import create_database, postgres_server  # noqa: E402 - the path comes first


def measure(kind: str) -> dict[str, Any]:
    """The figures of one export, which runs in a process of its own."""
    from flask import current_app  # noqa: PLC0415 - only once the environment is set

    from app.extensions import db  # noqa: PLC0415 - the same
    from app.factory import create_app  # noqa: PLC0415 - the same
    from app.tasks.export import run_export  # noqa: PLC0415 - the same
    from models.job import ExportFormat, ExportJob  # noqa: PLC0415 - the same
    from models.member import Member  # noqa: PLC0415 - the same
    from models.tenancy.scope import Actor, acting_as  # noqa: PLC0415 - the same

    with create_app().app_context():
        manager = db.session.scalars(select(Member).where(Member.username == MANAGER)).one()
        actor = Actor(manager.organization_id, manager.id)
        job = ExportJob(client_token=uuid4(), section="follow-ups", query="tab=all", columns=[])
        job.file_format = ExportFormat(kind)
        with acting_as(db.session(), actor) as session:
            session.add(job)
            session.commit()
            key = job.id
        # Reset the peak, which includes start-up and the parent process.
        Path("/proc/self/clear_refs").write_text("5")
        before, cpu, begun = _megabytes("VmRSS"), time.process_time(), time.perf_counter()
        with current_app.app_context():
            run_export(key, actor.organization_id)
        seconds, more = time.perf_counter() - begun, _megabytes("VmHWM") - before
        cpu = time.process_time() - cpu
        with acting_as(db.session(), actor) as session:
            job = session.get_one(ExportJob, key)
            result = {
                "kind": kind,
                "status": job.status.value,
                "rows": job.done,
                "file MB": round(job.size / 1e6, 1),
            }
    return result | {"s": round(seconds, 1), "cpu s": round(cpu, 1), "more MB": round(more)}


def _megabytes(name: str) -> float:
    """A memory figure of this process: the present (VmRSS) or the peak (VmHWM)."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    if sys.argv[1:] and sys.argv[1] in {"xlsx", "csv"}:
        print(json.dumps(measure(sys.argv[1])))
        return
    rows = int((sys.argv[1:] or ["100_000"])[0])
    with postgres_server() as server:
        prepare(create_database(server, "bench_export"), rows)
        for kind in ("xlsx", "csv"):
            subprocess.run([sys.executable, __file__, kind], check=True)


if __name__ == "__main__":
    main()
