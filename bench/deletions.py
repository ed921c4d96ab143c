"""W7: deletion of a thousand follow-ups by the panel's background job and by one hand-written statement."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from flask import Flask
from ground import MANAGER, BenchServer, token_of
from works import Keys

ROUNDS, MANY = 5, 1_000


class Deletions:
    """Deletes the oldest rows that are left, on both sides in turns."""

    def __init__(self, app: Flask, keys: Keys, panel: BenchServer, floor: BenchServer) -> None:
        self.app, self.keys, self.panel, self.floor = app, keys, panel, floor
        self.statements = 0
        self.token = token_of(panel.ask(MANAGER, "/follow-ups/?tab=all").body)

    def cpu_ms(self) -> float:
        """The CPU time of the panel's processes and of this one, which runs the job."""
        return self.panel.cpu_ms() + time.process_time() * 1000

    def delete_by_panel(self) -> tuple[float, None]:
        """Send the confirmed form, then run the queued job as a worker does."""
        form = {
            "action": "remove",
            "_step": "run",
            "_all": "1",
            "_query": "tab=all",
            "csrf_token": self.token,
        }
        form |= {"_most": str(self._most()), "_count": str(MANY), "_token": str(uuid4())}
        form["typed_count"] = str(MANY)
        before = self._left()
        queued = self.panel.ask(MANAGER, "/follow-ups/action_post", form)
        if queued.status != 302:
            raise RuntimeError(f"the panel queued nothing: {queued.status}")
        took = queued.ms + self._run_job(int(queued.headers["Location"].rpartition("/")[2]))
        self.statements += int(queued.headers["X-Statements"])
        self._check(before)
        return took, None

    def _run_job(self, job_id: int) -> float:
        from sqlalchemy import event  # noqa: PLC0415 - once the environment is set

        from app.extensions import db  # noqa: PLC0415 - the same
        from app.tasks.bulk import run_bulk_job  # noqa: PLC0415 - the same

        organization_id = self.keys.now("SELECT organization_id FROM bulk_jobs WHERE id = %s", job_id)
        with self.app.app_context():
            event.listen(db.engine, "before_cursor_execute", self._count)
            self.statements = 0
            begun = time.perf_counter()
            run_bulk_job(job_id, organization_id)
            took = (time.perf_counter() - begun) * 1000
            event.remove(db.engine, "before_cursor_execute", self._count)
        return took

    def _count(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.statements += not statement.startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))

    def delete_by_floor(self) -> tuple[float, None]:
        statement = "SELECT string_agg(id::text, ',') FROM (SELECT id FROM follow_ups WHERE deleted_at IS NULL ORDER BY id LIMIT %s) f"
        form = {"rowid": self.keys.now(statement, MANY)}
        before = self._left()
        answer = self.floor.ask(MANAGER, "/delete", form)
        self._check(before)
        return answer.ms, None

    def _most(self) -> int:
        statement = (
            "SELECT max(id) FROM (SELECT id FROM follow_ups WHERE deleted_at IS NULL ORDER BY id LIMIT %s) f"
        )
        return int(self.keys.now(statement, MANY))

    def _left(self) -> int:
        return int(self.keys.now("SELECT count(*) FROM follow_ups WHERE deleted_at IS NULL"))

    def _check(self, before: int) -> None:
        if before - self._left() != MANY:
            raise RuntimeError(f"{before - self._left()} rows are gone")
