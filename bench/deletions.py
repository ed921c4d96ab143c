"""W7: a thousand follow-ups deleted by the bulk bar and its background job, beside one statement written by hand."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from flask import Flask
from ground import MANAGER, Server, encode_cursor
from works import Keys

ROUNDS, MANY = 5, 1_000


class Deletions:
    """Both sides take the oldest rows that are left, in turns."""

    def __init__(self, app: Flask, keys: Keys, panel: Server, floor: Server) -> None:
        self.app, self.keys, self.panel, self.floor = app, keys, panel, floor
        self.statements = 0
        self.token = encode_cursor(panel.ask(MANAGER, "/follow-ups/?tab=all").body)

    def worked_ms(self) -> float:
        """Of the panel's processes, and of this one, which works the job off."""
        return self.panel.processor_ms() + time.process_time() * 1000

    def by_the_panel(self) -> tuple[float, None]:
        """The confirmed form, and the job that it queues, as a worker runs it."""
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
        took = queued.ms + self._work_off(int(queued.headers["Location"].rpartition("/")[2]))
        self.statements += int(queued.headers["X-Statements"])
        self._refuse_wrong(before)
        return took, None

    def _work_off(self, job_id: int) -> float:
        from sqlalchemy import event  # noqa: PLC0415 - once the environment is set

        from app.extensions import db  # noqa: PLC0415 - the same
        from app.tasks.bulk import run_bulk_job  # noqa: PLC0415 - the same

        place = self.keys.now("SELECT organization_id FROM bulk_jobs WHERE id = %s", job_id)
        with self.app.app_context():
            event.listen(db.engine, "before_cursor_execute", self._count)
            self.statements = 0
            begun = time.perf_counter()
            run_bulk_job(job_id, place)
            took = (time.perf_counter() - begun) * 1000
            event.remove(db.engine, "before_cursor_execute", self._count)
        return took

    def _count(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.statements += not statement.startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))

    def by_the_floor(self) -> tuple[float, None]:
        statement = "SELECT string_agg(id::text, ',') FROM (SELECT id FROM follow_ups WHERE deleted_at IS NULL ORDER BY id LIMIT %s) f"
        form = {"rowid": self.keys.now(statement, MANY)}
        before = self._left()
        answer = self.floor.ask(MANAGER, "/delete", form)
        self._refuse_wrong(before)
        return answer.ms, None

    def _most(self) -> int:
        statement = (
            "SELECT max(id) FROM (SELECT id FROM follow_ups WHERE deleted_at IS NULL ORDER BY id LIMIT %s) f"
        )
        return int(self.keys.now(statement, MANY))

    def _left(self) -> int:
        return int(self.keys.now("SELECT count(*) FROM follow_ups WHERE deleted_at IS NULL"))

    def _refuse_wrong(self, before: int) -> None:
        if before - self._left() != MANY:
            raise RuntimeError(f"{before - self._left()} rows are gone")
