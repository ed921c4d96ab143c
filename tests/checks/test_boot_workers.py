"""Four web workers that start at once on a database that `upgrade` has just written (T22 to T24)."""

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from time import monotonic

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.conftest import SERVER
from tests.support.databases import create_database
from tests.support.stack import PATIENCE, ROOT, Visitor, free_port, wait_until

pytestmark = [pytest.mark.postgresql, pytest.mark.processes]


@pytest.fixture(scope="module")
def database():
    """The address of a database without a row but those of `upgrade`."""
    name = f"ava_boot_{os.environ.get('PYTEST_XDIST_WORKER', 'only')}"
    url = create_database(os.environ[SERVER], name)
    command = [sys.executable, "-m", "flask", "--app", "run", "upgrade"]
    subprocess.run(command, env=settings(url), cwd=ROOT, check=True, capture_output=True)
    return url


def settings(url):
    return {**os.environ, "APP_ENV": "development", "DATABASE_URL": url}


@contextmanager
def four_workers(url, port, log):
    """Gunicorn as a deployment runs it, with a line in its log for each worker that has loaded the app."""
    said = (
        "_init = post_worker_init\n\n\ndef post_worker_init(worker):\n    _init(worker)\n"
        "    worker.log.info('a worker is ready, at rest: %s', gc.get_freeze_count())"
    )
    config = log.with_suffix(".py")
    config.write_text((ROOT / "gunicorn.conf.py").read_text() + "\n\n" + said)
    command = f"-m gunicorn run:app -c {config} --workers 4 --no-control-socket --bind 127.0.0.1:{port}"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, *command.split()], env=settings(url), cwd=ROOT, stdout=output, stderr=output
        )
    try:
        yield server
    finally:
        server.terminate()
        server.wait(PATIENCE)


def connections_of(url):
    """How many connections the database has ever had; asked from beside it, once all of them have ended."""
    engine, name = create_engine(os.environ[SERVER], isolation_level="AUTOCOMMIT"), make_url(url).database
    alive = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name")
    ever = text("SELECT sessions FROM pg_stat_database WHERE datname = :name")
    with engine.connect() as beside:
        waiting, deadline = Event(), monotonic() + PATIENCE
        while beside.scalar(alive, {"name": name}) and monotonic() < deadline:
            waiting.wait(0.05)
        found = beside.scalar(ever, {"name": name})
    engine.dispose()
    return found


@dataclass(frozen=True)
class Start:
    """What four workers that started at once have written, the connections that they made, and eight pages."""

    log: str
    connections: int
    pages: list[str]


@pytest.fixture(scope="module")
def started(database, tmp_path_factory):
    before, port, log = connections_of(database), free_port(), tmp_path_factory.mktemp("workers") / "log"
    with four_workers(database, port, log) as server:
        wait_until(lambda: log.read_text().count("a worker is ready") == 4, server)
        made = connections_of(database) - before
        pages = [Visitor(f"http://127.0.0.1:{port}").get("/login/") for _again in range(8)]
    return Start(log.read_text(), made, pages)


def test_the_collector_leaves_alone_what_they_have_loaded(started):
    at_rest = [int(number) for number in re.findall(r"at rest: (\d+)", started.log)]

    assert len(at_rest) == 4
    assert min(at_rest) > 100_000


def test_t22_they_serve_after_a_start_without_one_connection_of_their_own(started):
    """Counted by PostgreSQL itself: the one connection is the check's that the master makes before."""
    assert started.connections == 1
    assert all('name="password"' in page for page in started.pages)
    assert started.log.count("Booting worker") == 4
    assert "Traceback" not in started.log
