"""The supervisor of `make run`: web, worker and sandbox as child processes that are restarted when they end."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

from app.checks.settings import refuse_weak_settings
from app.lib.process.environment import EXIT_MISCONFIGURED

# The pause before a restart, doubled each time, so that a failing child does not use up the processor.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
# A child that ran this long gets the first pause again.
STABLE_AFTER = 30.0
STOP_WITHIN = 8.0
LOOK_EVERY = 0.2


@dataclass
class Child:
    """One supervised process; `due_at` is the earliest time of its next start."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE
    due_at: float = 0.0

    def start(self, now: float) -> int:
        # In a session of its own, so that Ctrl-C reaches only the supervisor, which ends the children in order.
        self.process = subprocess.Popen(self.command, start_new_session=True)  # noqa: S603 - our own commands
        self.started_at = now
        return self.process.pid


@dataclass
class Supervisor:
    """Keeps *children* running until it is stopped; `say` prints events and, once all is up, the greeting."""

    children: Sequence[Child]
    say: Callable[[str], None]
    pid_folder: Path
    greeting: str = ""
    is_up: Callable[[], bool] = lambda: True
    stopping: Event = field(default_factory=Event)
    code: int = 0
    clock: Callable[[], float] = field(default=time.monotonic)

    def run(self) -> None:
        """Start all children and wait for a signal."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            while not self.stopping.is_set():
                self.look()
                self.stopping.wait(LOOK_EVERY)
        finally:
            self.stop()

    def look(self) -> None:
        """Start children that are due and handle those that ended."""
        now = self.clock()
        for child in self.children:
            if child.process is None:
                if now >= child.due_at:
                    self._start(child, now)
            elif child.process.poll() is not None:
                self._handle_exit(child, child.process, now)
        if self.greeting and self.is_up():
            self.say(self.greeting)
            self.greeting = ""

    def _start(self, child: Child, now: float) -> None:
        pid = child.start(now)
        self.pid_folder.mkdir(parents=True, exist_ok=True)
        (self.pid_folder / f"{child.name}.pid").write_text(str(pid))

    def _handle_exit(self, child: Child, process: subprocess.Popen[bytes], now: float) -> None:
        # Remaining processes of the group would block the port or take messages.
        _kill_group(process)
        if now - child.started_at > STABLE_AFTER:
            child.pause = FIRST_PAUSE
        code = process.returncode
        if code == EXIT_MISCONFIGURED:
            # A restart would fail with the same message.
            self.code = code
            self.stopping.set()
            return
        self.say(f"«{child.name}» ایستاد (کد {code})؛ تا {child.pause:g} ثانیه دیگر دوباره راه می‌افتد.")
        child.process, child.due_at = None, now + child.pause
        child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping.set()

    def stop(self) -> None:
        """Terminate all children, and kill those that do not end in time, with their groups."""
        processes = [child.process for child in self.children if child.process]
        for process in processes:
            # Only the leader gets the signal: a worker ends its pool after the running task.
            if process.poll() is None:
                process.terminate()
        deadline = self.clock() + STOP_WITHIN
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - self.clock()))
            _kill_group(process)
        for child in self.children:
            (self.pid_folder / f"{child.name}.pid").unlink(missing_ok=True)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def commands(settings: Mapping[str, Any]) -> list[Child]:
    """The three services; one web process on SQLite, because it allows only one writer at a time."""
    workers = "1" if settings["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") else "2"
    python = sys.executable
    gunicorn = "run:app --worker-class gthread --threads 8 --no-control-socket --log-level warning"
    # Running as root is acceptable here: messages are JSON, so the broker cannot make the worker run code.
    as_root = ["-W", "ignore:You're running the worker"]
    celery = "-q -A run.celery worker -B --concurrency 1 --loglevel WARNING"
    address = ["--bind", f"127.0.0.1:{settings['PORT']}", "--workers", workers]
    return [
        Child("web", [python, "-m", "gunicorn", *gunicorn.split(), *address]),
        Child("worker", [python, *as_root, "-m", "celery", *celery.split()]),
        Child("sandbox", [python, "-m", "app.sandbox", str(settings["SANDBOX_PORT"])]),
    ]


def serve(settings: Mapping[str, Any], *, pid_folder: Path) -> None:
    """Prepare the database, then run the services until Ctrl-C."""
    refuse_weak_settings(settings)
    port = settings["PORT"]
    for wanted in (port, settings["SANDBOX_PORT"]):
        _check_port(wanted)
    accounts = _prepare()
    greeting = f"\n  آوا آماده است: {settings['PUBLIC_BASE_URL']}\n\n{accounts}\n  پایان: Ctrl-C"
    supervisor = Supervisor(commands(settings), _say, pid_folder, greeting, lambda: answers(port))
    supervisor.run()
    raise SystemExit(supervisor.code)


def _prepare() -> str:
    """Run `prepare` in a process of its own; returns the accounts that it prints."""
    command = [sys.executable, "-m", "flask", "--app", "run", "prepare"]
    prepared = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own command
    if prepared.returncode:
        sys.stderr.write(prepared.stderr)
        raise SystemExit(prepared.returncode)
    return prepared.stdout


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        # As the servers do: connections in TIME_WAIT do not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            _say(
                f"درگاه {port} در دست برنامهٔ دیگری است ({error.strerror}). آن را ببندید یا PORT را تغییر دهید."
            )
            raise SystemExit(1) from error


def answers(port: int) -> bool:
    """Whether the web server on *port* answers requests."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("HEAD", "/login/")
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
