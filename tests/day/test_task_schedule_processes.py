"""Two workers with a beat each, killed in the middle: each reminder is sent once, and each next task is made once."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from celery import Celery
from sqlalchemy import Connection, create_engine, text, update

from app.lib.clock import now
from models.task import Task
from tests.conftest import SERVER
from tests.drills.processes import Process, wait_for, worker
from tests.support.broker import valkey_server
from tests.support.databases import create_database
from tests.support.stack import ROOT

pytestmark = pytest.mark.processes

REMINDERS, RECURRING = 240, 60
TOLD = "FROM notifications WHERE kind = 'tasks.tasks.reminded_at'"
LEFT = "SELECT count(*) FROM tasks WHERE remind_at IS NOT NULL"


class Rows:
    """The rows of all organisations, as the workers left them."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)

    def numbers(self, statement: str) -> list[int]:
        with self._engine.connect() as connection:
            self._unscope(connection)
            return list(connection.execute(text(statement)).scalars())

    def make_due(self, at: datetime) -> None:
        """Move the reminders that are not sent yet to the moment *at*."""
        tasks = Task.__table__
        with self._engine.begin() as connection:
            self._unscope(connection)
            connection.execute(update(tasks).where(tasks.c.remind_at.is_not(None)).values(remind_at=at))

    @staticmethod
    def _unscope(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT set_config('app.unscoped', 'on', true)"))

    def number(self, statement: str) -> int:
        return self.numbers(statement)[0]

    def close(self) -> None:
        self._engine.dispose()


@pytest.fixture
def surroundings(app, request, tmp_path):
    """The environment of the workers: a database of their own, and a broker."""
    url = f"sqlite:///{tmp_path / 'ava.db'}"
    if request.config.getoption("--database") == "postgresql":
        url = create_database(os.environ[SERVER], f"schedule_{os.environ.get('PYTEST_XDIST_WORKER', 'only')}")
    with valkey_server() as broker:
        yield {
            "APP_ENV": "test",
            "SECRET_KEY": "a key that only this test knows, long enough",
            "DATABASE_URL": url,
            "REDIS_URL": broker,
            "VAR_DIR": str(tmp_path),
        }


@pytest.fixture
def rows(surroundings):
    line = [sys.executable, "-m", "tests.day.schedule_rows", str(REMINDERS), str(RECURRING)]
    subprocess.run(line, cwd=ROOT, env={**os.environ, **surroundings}, check=True)
    found = Rows(surroundings["DATABASE_URL"])
    yield found
    found.close()


@contextmanager
def two_workers(folder, surroundings, **more):
    """Two workers, each with a beat, as `worker -B` twice."""
    workers: list[Process] = []
    for number in (1, 2):
        process = worker(folder, number)
        process.environment = surroundings
        process.command += ["-B", "-s", str(folder / f"schedule{number}")]
        workers.append(process)
    try:
        for process in workers:
            process.start(**more)
        for process in workers:
            wait_for(process.children, process.name)
        yield workers
    finally:
        for process in workers:
            process.kill()


def test_each_is_sent_and_made_once(tmp_path, surroundings, rows):
    client = Celery(broker=surroundings["REDIS_URL"])

    def send(number=1):
        for _each in range(number):
            client.send_task("task.schedule")

    with two_workers(tmp_path, surroundings, CRASH_AT="reminder_taken") as workers:
        before = [process.children() for process in workers]
        send(4)
        # A worker that is killed between the mark and its commit has sent nothing.
        wait_for(lambda: [each.children() for each in workers] != before, "a crash")
    assert rows.number(f"SELECT count(*) {TOLD}") == 0
    assert rows.number(LEFT) == REMINDERS

    rows.make_due(now() + timedelta(hours=1))
    with two_workers(tmp_path, surroundings) as workers:
        # Both begin with the same rows, so each row has two that want it.
        wait_for(lambda: len(client.control.ping(timeout=1)) == len(workers), "both workers")
        rows.make_due(now() - timedelta(minutes=1))
        # More messages than one worker fetches ahead.
        send(12)
        wait_for(lambda: rows.number(LEFT) < REMINDERS / 2, "half of the reminders")
        workers[0].kill()
        workers[0].start()
        # No message of ours is left by now: the beats send theirs.
        wait_for(lambda: rows.number(LEFT) == 0, "the last reminder")
        send(4)
        wait_for(
            lambda: client.connection_for_read().default_channel.client.llen("celery") == 0, "an empty queue"
        )

    told = rows.numbers(f"SELECT row_id {TOLD}")
    assert len(told) == len(set(told)) == REMINDERS
    assert set(rows.numbers(f"SELECT count {TOLD}")) == {1}
    made = rows.numbers("SELECT previous_id FROM tasks WHERE previous_id IS NOT NULL")
    assert len(made) == len(set(made)) == RECURRING
    assert rows.number("SELECT count(*) FROM tasks WHERE has_next") == RECURRING
