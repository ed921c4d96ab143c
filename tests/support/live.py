"""A panel of its own as a real web server, on SQLite, with the demo's people."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
def live_panel(folder: Path, *, root: Path = ROOT, **settings: str) -> Iterator[Panel]:
    """The panel whose code stands in *root*, with its data in *folder*."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "APP_ENV": "development",
        "DATABASE_URL": f"sqlite:///{folder}/ava.db",
        "UPLOAD_URL": str(folder / "uploads"),
        "PORT": str(port),
        **settings,
    }

    def flask(*command: str) -> str:
        arguments = [sys.executable, "-m", "flask", "--app", "run", *command]
        return subprocess.run(
            arguments, cwd=root, env=environment, check=True, capture_output=True, text=True
        ).stdout

    flask("upgrade")
    demo = json.loads(flask("demo", "--json"))
    gunicorn = [sys.executable, "-m", "gunicorn", "run:app", "-b", f"127.0.0.1:{port}", "--no-control-socket"]
    server = subprocess.Popen([*gunicorn, "-k", "gthread", "--threads", "8"], cwd=root, env=environment)
    try:
        _wait_for(f"{url}/login/", server)
        people = {user["username"]: user for user in demo["users"]}
        yield Panel(url, folder / "ava.db", people, environment)
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Until the server answers; a server that died says so at once."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            continue
    raise RuntimeError("the panel's server did not start")
