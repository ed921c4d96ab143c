"""The supervisor: children are kept alive, their deaths are said, and nothing outlives it."""

import os
import signal
import sys
import threading

import pytest

from app.supervisor import Child, Supervisor, commands

FOREVER = [sys.executable, "-c", "import signal; signal.pause()"]


@pytest.fixture
def said():
    return []


@pytest.fixture
def supervisor(tmp_path, said):
    watched = Supervisor([Child("patient", FOREVER)], said.append, tmp_path)
    yield watched
    watched.stop()


def look_until(supervisor, condition):
    """Let the supervisor look until *condition* holds; a bounded wait, not a guess."""
    waiting = threading.Event()
    for _attempt in range(500):
        supervisor.look()
        if condition():
            return
        waiting.wait(0.01)
    raise AssertionError("the condition never held")


def test_a_child_that_dies_is_started_again_and_said_so(supervisor, said):
    child = supervisor.children[0]
    supervisor.look()
    first = child.process.pid

    os.kill(first, signal.SIGKILL)
    look_until(supervisor, lambda: child.process is not None and child.process.pid != first)

    assert "patient" in said[0]
    assert (supervisor.pid_folder / "patient.pid").read_text() == str(child.process.pid)


def test_a_child_that_keeps_dying_waits_longer_each_time(tmp_path, said):
    child = Child("broken", [sys.executable, "-c", "raise SystemExit(3)"])
    now = [0.0]
    supervisor = Supervisor([child], said.append, tmp_path, clock=lambda: now[0])

    pauses = []
    while len(said) < 3:
        deaths = len(said)
        now[0] = child.due_at
        look_until(supervisor, lambda deaths=deaths: len(said) > deaths)
        pauses.append(child.due_at - now[0])

    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1]


def test_stopping_ends_every_child(supervisor):
    supervisor.look()
    process = supervisor.children[0].process

    supervisor.stop()

    assert process.poll() is not None
    assert not list(supervisor.pid_folder.iterdir())


@pytest.mark.parametrize(("url", "workers"), [("sqlite:///x.db", "1"), ("postgresql+psycopg://x", "2")])
def test_sqlite_has_one_web_process(url, workers):
    web = commands({"SQLALCHEMY_DATABASE_URI": url, "PORT": 8000, "SANDBOX_PORT": 8001})[0]

    assert web.command[web.command.index("--workers") + 1] == workers
