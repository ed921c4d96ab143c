"""A panel of its own as a real web server, on SQLite, with the demo's people."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# One process for all commands, because the start of the application takes longer than each of them.
_COMMANDS = """
import sys
from run import app
for command in sys.argv[1:]:
    with app.app_context():
        done = app.test_cli_runner().invoke(args=command.split(), catch_exceptions=False)
    assert done.exit_code == 0, done.output
print(done.stdout)
"""
_DATABASE, _DESCRIPTION = "ava.db", "demo.json"
ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Panel:
    """The running panel: its address and database file, the demo's people by user name, and what it runs in."""

    url: str
    database: Path
    users: dict[str, dict[str, str]]
    environment: dict[str, str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def live_panel(
    folder: Path, *, root: Path = ROOT, template: Path | None = None, **settings: str
) -> Iterator[Panel]:
    """The panel whose code stands in *root*, with its data in *folder*.

    Panels of one *template*, a folder for all processes of a test run, copy the data that the first one has made. Code
    in another place than ours upgrades its copy.
    """
    # The server takes the socket over: who asks before it is ready waits for its answer, and need not ask again.
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    port = listening.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "APP_ENV": "development",
        "DATABASE_URL": f"sqlite:///{folder}/{_DATABASE}",
        "UPLOAD_URL": str(folder / "uploads"),
        "PORT": str(port),
        # Tests ask more often than people.
        "LIMITS": "1000",
        **settings,
    }

    if template is None:
        _make_data(folder, root, environment)
    else:
        with _locked(template):
            if not (template / _DESCRIPTION).exists():
                _make_data(template, ROOT, environment)
            shutil.copytree(template, folder, dirs_exist_ok=True)
        if root != ROOT:
            _run(root, environment, "upgrade")
    demo = json.loads((folder / _DESCRIPTION).read_text("utf-8"))
    address = f"fd://{listening.fileno()}"
    gunicorn = [sys.executable, "-m", "gunicorn", "run:app", "-b", address, "--no-control-socket"]
    server = subprocess.Popen(
        [*gunicorn, "-k", "gthread", "--threads", "8"],
        cwd=root,
        env=environment,
        pass_fds=[listening.fileno()],
    )
    listening.close()
    try:
        _wait_for(f"{url}/login/", server)
        people = {user["username"]: user for user in demo["users"]}
        yield Panel(url, folder / _DATABASE, people, environment)
    finally:
        server.terminate()
        server.wait(60)


def _make_data(folder: Path, root: Path, environment: Mapping[str, str]) -> None:
    """Write the demo data to *folder*, and its description."""
    own = {"DATABASE_URL": f"sqlite:///{folder}/{_DATABASE}", "UPLOAD_URL": str(folder / "uploads")}
    made = _run(root, {**environment, **own}, "upgrade", "demo --json")
    (folder / _DESCRIPTION).write_text(made, "utf-8")


def _run(root: Path, environment: Mapping[str, str], *commands: str) -> str:
    """What the last of the *commands* of the panel in *root* printed."""
    done = subprocess.run(
        [sys.executable, "-c", _COMMANDS, *commands],
        cwd=root,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """No other process is in this block with *folder*, which exists."""
    folder.mkdir(exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Until the server answers; a server that died closes its socket, and says so at once."""
    try:
        with urllib.request.urlopen(url, timeout=120):
            return
    except OSError as error:
        raise RuntimeError(f"the panel's server did not start: {server.poll()}") from error
