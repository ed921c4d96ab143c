"""Serve everything on this machine: web, worker and sandbox as children that are watched."""

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
from config import EXIT_MISCONFIGURED

# A child that dies at once is not started again at once, so that a broken one does not burn the machine.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
# Living this long wipes the slate clean.
STABLE_AFTER = 30.0
STOP_WITHIN = 8.0
LOOK_EVERY = 0.2


@dataclass
class Child:
    """One watched process; `due_at` and `pause` say when it may start again."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE
    due_at: float = 0.0

    def start(self, now: float) -> int:
        # A session of its own: Ctrl-C reaches the supervisor alone, which then ends the children in order.
        self.process = subprocess.Popen(self.command, start_new_session=True)  # noqa: S603 - our own commands
        self.started_at = now
        return self.process.pid


@dataclass
class Supervisor:
    """Keeps *children* alive until it is told to stop; `say` gets one line for each event, the greeting once up."""

    children: Sequence[Child]
    say: Callable[[str], None]
    pid_folder: Path
    greeting: str = ""
    is_up: Callable[[], bool] = lambda: True
    stopping: Event = field(default_factory=Event)
    code: int = 0
    clock: Callable[[], float] = field(default=time.monotonic)

    def run(self) -> None:
        """Start everything and stay until `stop` is called or a signal comes."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            while not self.stopping.is_set():
                self.look()
                self.stopping.wait(LOOK_EVERY)
        finally:
            self.stop()

    def look(self) -> None:
        """Start what is due, and notice what died."""
        now = self.clock()
        for child in self.children:
            if child.process is None:
                if now >= child.due_at:
                    self._start(child, now)
            elif child.process.poll() is not None:
                self._mourn(child, child.process, now)
        if self.greeting and self.is_up():
            self.say(self.greeting)
            self.greeting = ""

    def _start(self, child: Child, now: float) -> None:
        pid = child.start(now)
        self.pid_folder.mkdir(parents=True, exist_ok=True)
        (self.pid_folder / f"{child.name}.pid").write_text(str(pid))

    def _mourn(self, child: Child, process: subprocess.Popen[bytes], now: float) -> None:
        # What a dead leader leaves behind would hold its port or take messages without anybody in charge.
        _kill_group(process)
        if now - child.started_at > STABLE_AFTER:
            child.pause = FIRST_PAUSE
        code = process.returncode
        if code == EXIT_MISCONFIGURED:
            # It said why, and would say so again for ever.
            self.code = code
            self.stopping.set()
            return
        self.say(f"«{child.name}» ایستاد (کد {code})؛ تا {child.pause:g} ثانیه دیگر دوباره راه می‌افتد.")
        child.process, child.due_at = None, now + child.pause
        child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping.set()

    def stop(self) -> None:
        """End all children: asked first, killed when they don't listen, and nothing of theirs is left over."""
        processes = [child.process for child in self.children if child.process]
        for process in processes:
            # The leader alone: a worker ends its own pool, once the task in it is done.
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
    """The three services; one web process on SQLite, whose file has one writer at a time anyway."""
    workers = "1" if settings["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") else "2"
    python = sys.executable
    gunicorn = "run:app --worker-class gthread --threads 8 --no-control-socket --log-level warning"
    # Only JSON is accepted as a message, hence nothing in the broker can run code, whoever the worker runs as.
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
        _refuse_a_taken_port(wanted)
    accounts = _prepare()
    greeting = f"\n  آوا آماده است: {settings['PUBLIC_BASE_URL']}\n\n{accounts}\n  پایان: Ctrl-C"
    supervisor = Supervisor(commands(settings), _say, pid_folder, greeting, lambda: answers(port))
    supervisor.run()
    raise SystemExit(supervisor.code)


def _prepare() -> str:
    """Migrate and load the demo in a process of its own; returns the accounts to show."""
    command = [sys.executable, "-m", "flask", "--app", "run", "prepare"]
    prepared = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own command
    if prepared.returncode:
        sys.stderr.write(prepared.stderr)
        raise SystemExit(prepared.returncode)
    return prepared.stdout


def _refuse_a_taken_port(port: int) -> None:
    with socket.socket() as probe:
        # As the servers do it: a connection that is still closing does not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            _say(
                f"درگاه {port} در دست برنامهٔ دیگری است ({error.strerror}). آن را ببندید یا PORT را تغییر دهید."
            )
            raise SystemExit(1) from error


def answers(port: int) -> bool:
    """Whether the web server on *port* answers requests already."""
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
