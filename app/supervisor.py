"""Serve everything on this machine: web, worker and sandbox as children that are watched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

# A child that dies at once is not started again at once, so that a broken one does not burn the machine.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
# Living this long wipes the slate clean.
STABLE_AFTER = 30.0
STOP_WITHIN = 8.0
LOOK_EVERY = 0.2


@dataclass
class Child:
    """One watched process; `died_at` and `pause` say when it may start again."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE
    due_at: float = 0.0

    def start(self, now: float) -> None:
        # A session of its own: Ctrl-C reaches the supervisor alone, which then ends the children in order.
        self.process = subprocess.Popen(self.command, start_new_session=True)  # noqa: S603 - our own commands
        self.started_at = now


@dataclass
class Supervisor:
    """Keeps *children* alive until it is told to stop; `say` gets one line for each event."""

    children: Sequence[Child]
    say: Callable[[str], None]
    pid_folder: Path
    stopping: bool = False
    clock: Callable[[], float] = field(default=time.monotonic)

    def run(self) -> None:
        """Start everything and stay until `stop` is called or a signal comes."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        try:
            while not self.stopping:
                self.look()
                time.sleep(LOOK_EVERY)
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
                self._mourn(child, now)

    def _start(self, child: Child, now: float) -> None:
        child.start(now)
        if child.process is not None:
            self.pid_folder.mkdir(parents=True, exist_ok=True)
            (self.pid_folder / f"{child.name}.pid").write_text(str(child.process.pid))

    def _mourn(self, child: Child, now: float) -> None:
        code = child.process.returncode if child.process else None
        if now - child.started_at > STABLE_AFTER:
            child.pause = FIRST_PAUSE
        self.say(f"«{child.name}» ایستاد (کد {code})؛ تا {child.pause:g} ثانیه دیگر دوباره راه می‌افتد.")
        child.process, child.due_at = None, now + child.pause
        child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def stop(self) -> None:
        """End all children: asked first, killed when they don't listen."""
        alive = [child for child in self.children if child.process and child.process.poll() is None]
        for child in alive:
            _signal_group(child, signal.SIGTERM)
        deadline = self.clock() + STOP_WITHIN
        for child in alive:
            try:
                child.process.wait(max(0.1, deadline - self.clock()))  # type: ignore[union-attr]  # alive above
            except subprocess.TimeoutExpired:
                _signal_group(child, signal.SIGKILL)
        for child in self.children:
            (self.pid_folder / f"{child.name}.pid").unlink(missing_ok=True)


def _signal_group(child: Child, number: signal.Signals) -> None:
    if child.process is None:
        return
    try:
        os.killpg(child.process.pid, number)
    except ProcessLookupError:
        return


def commands(settings: Mapping[str, object]) -> list[Child]:
    """The three services; one web process on SQLite, whose file has one writer at a time anyway."""
    workers = "1" if str(settings["SQLALCHEMY_DATABASE_URI"]).startswith("sqlite") else "2"
    python = sys.executable
    gunicorn = [python, "-m", "gunicorn", "run:app", "--bind", f"127.0.0.1:{settings['PORT']}"]
    return [
        Child(
            "web",
            [
                *gunicorn,
                "--workers",
                workers,
                "--worker-class",
                "gthread",
                "--threads",
                "8",
                "--no-control-socket",
                "--log-level",
                "warning",
            ],
        ),
        Child(
            "worker", [python, "-m", "celery", "-A", "run.celery", "worker", "-B", "-c", "1", "-l", "WARNING"]
        ),
        Child("sandbox", [python, "-m", "app.sandbox", str(settings["SANDBOX_PORT"])]),
    ]


def serve() -> None:
    """Prepare the database, then run the services until Ctrl-C."""
    from config import VAR, Config  # noqa: PLC0415 - settings may end the process with their own sentence

    prepared = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "run", "prepare"],
        check=False,
        capture_output=True,
        text=True,
    )
    if prepared.returncode:
        sys.stderr.write(prepared.stderr)
        raise SystemExit(prepared.returncode)
    sys.stdout.write(f"\n  آوا آماده است: {Config.PUBLIC_BASE_URL}\n\n{prepared.stdout}\n")
    sys.stdout.flush()
    settings = {name: getattr(Config, name) for name in ("SQLALCHEMY_DATABASE_URI", "PORT", "SANDBOX_PORT")}
    Supervisor(commands(settings), _say, VAR / "run").run()


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
