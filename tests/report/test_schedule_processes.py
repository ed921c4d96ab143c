"""Two workers with a beat each, killed in the middle: each report is sent once to each receiver."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from urllib.request import urlopen

import pytest
from celery import Celery

from tests.conftest import SERVER
from tests.day.test_task_schedule_processes import Rows, two_workers
from tests.drills.processes import sandbox, wait_for
from tests.support.broker import valkey_server
from tests.support.databases import create_database
from tests.support.live import free_port
from tests.support.stack import ROOT

pytestmark = pytest.mark.processes

REPORTS = 30
MAILS = REPORTS * 2
DUE = "SELECT count(*) FROM saved_reports WHERE next_at < CURRENT_TIMESTAMP"
SENT = "SELECT count(*) FROM report_deliveries WHERE status = 'sent'"


@pytest.fixture
def surroundings(app, request, tmp_path):
    """The environment of the workers: a database, a broker and a mail server of their own."""
    url = f"sqlite:///{tmp_path / 'ava.db'}"
    if request.config.getoption("--database") == "postgresql":
        url = create_database(os.environ[SERVER], f"reports_{os.environ.get('PYTEST_XDIST_WORKER', 'only')}")
    port = free_port()
    server = sandbox(tmp_path, port)
    with valkey_server() as broker:
        server.start()
        yield {
            "APP_ENV": "test",
            "SECRET_KEY": "a key that only this test knows, long enough",
            "DATABASE_URL": url,
            "REDIS_URL": broker,
            "VAR_DIR": str(tmp_path),
            "SANDBOX_PORT": str(port),
        }
        server.kill()


@pytest.fixture
def rows(surroundings):
    line = [sys.executable, "-m", "tests.report.schedule_rows", str(REPORTS)]
    subprocess.run(line, cwd=ROOT, env={**os.environ, **surroundings}, check=True)
    found = Rows(surroundings["DATABASE_URL"])
    yield found
    found.close()


def mails_at(port):
    """The mails of the sandbox; None while it does not answer."""
    with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/sandbox/mails", timeout=5) as answer:
        return [(each["to"], each["subject"]) for each in json.load(answer)]
    return None


def test_each_is_sent_once(tmp_path, surroundings, rows):
    port = surroundings["SANDBOX_PORT"]
    wait_for(lambda: mails_at(port) == [], "the mail server")
    client = Celery(broker=surroundings["REDIS_URL"])

    def send(number):
        for _each in range(number):
            client.send_task("report.send")

    with two_workers(tmp_path, surroundings, CRASH_AT="report_taken") as workers:
        before = [process.children() for process in workers]
        send(4)
        wait_for(lambda: [each.children() for each in workers] != before, "a crash")
    # A worker that is killed between the mark and its commit has taken nothing.
    assert mails_at(port) == []
    assert rows.number(DUE) == REPORTS

    with two_workers(tmp_path, surroundings):
        wait_for(lambda: len(client.control.ping(timeout=1)) == 2, "both workers")
        send(12)
        wait_for(lambda: rows.number(SENT) == MAILS, "the last mail")
        send(4)
        queue = client.connection_for_read().default_channel.client
        wait_for(lambda: queue.llen("celery") == 0, "an empty queue")

    sent = Counter(mails_at(port))
    assert len(sent) == MAILS
    assert set(sent.values()) == {1}
    assert rows.number(DUE) == 0
    assert rows.number("SELECT count(*) FROM report_deliveries") == MAILS
