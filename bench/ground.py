"""Shared by all benches: a filled PostgreSQL, servers, requests and CPU times."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from data import fill, name_rows  # noqa: E402 - the path comes first
from flask import Flask  # noqa: E402 - the same
from werkzeug.security import generate_password_hash  # noqa: E402 - the path comes first

CONSULTANTS = 200
PASSWORD = "correct horse 12"
MANAGER = "bench-manager"


def consultant(number: int) -> str:
    return f"bench-c{number % CONSULTANTS:03}"


def prepare(url: str, rows: int) -> Flask:
    """Create tables, members and titles with the product's services and the rows with SQL; returns the app."""
    os.environ |= {"DATABASE_URL": url, "APP_ENV": "test", "LIMITS": "off"}
    from app.commands.database import migrate  # noqa: PLC0415 - only once the environment is set
    from app.extensions import db  # noqa: PLC0415 - the same
    from app.factory import create_app  # noqa: PLC0415 - the same
    from app.lib.persian import fold, sort_key  # noqa: PLC0415 - the same
    from app.services.organization import create_organization  # noqa: PLC0415 - the same
    from app.services.report.rebuild import rebuild_summary  # noqa: PLC0415 - the same
    from models.result_title import ResultScope, ResultTitle  # noqa: PLC0415 - the same
    from models.tenancy.scope import Actor, bind  # noqa: PLC0415 - the same
    from tests.factories import member  # noqa: PLC0415 - the same

    app = create_app()
    with app.app_context():
        migrate()
        here = create_organization("bench", "سنجش", {f"B-{n}": f"محصول {n}" for n in range(4)})
        bind(db.session(), Actor(here.id))
        people = [member("Manager", here, MANAGER)]
        people += [member("Consultant", here, consultant(number)) for number in range(CONSULTANTS)]
        hashed = generate_password_hash(PASSWORD)
        for person in people:
            person.password = hashed
        titles = db.session.query(ResultTitle).all()
        for number, title in enumerate(titles):
            # The bulk SQL uses eight titles with consecutive keys; both scopes have titles of the same name.
            title.scope, title.title = ResultScope.FOLLOW_UP, f"عنوان {number}"
        for number in range(len(titles), 8):
            db.session.add(ResultTitle(title=f"نتیجه {number}", position=number))
        db.session.commit()
        here_id = here.id
        db.session.remove()
        db.engine.dispose()
    fill(url.replace("+psycopg", ""), rows, CONSULTANTS, name_rows(fold, sort_key))
    with app.app_context():
        bind(db.session(), Actor(here_id))
        rebuild_summary()
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return app


@dataclass
class TimedResponse:
    """A response, decompressed, with its time in milliseconds."""

    ms: float
    status: int
    body: bytes
    headers: http.client.HTTPMessage
    sent: int  # bytes on the wire

    @property
    def keys(self) -> set[bytes]:
        """The keys of the rows of a list."""
        return set(re.findall(rb'data-pk="(\d+)"', self.body))


@dataclass
class BenchServer:
    """One side behind gunicorn, with the cookies of its users."""

    port: int
    process: subprocess.Popen[bytes]
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, who: str, path: str, form: dict[str, str] | None = None) -> TimedResponse:
        """Send one request over a new connection."""
        headers = {"Cookie": self.cookies.get(who, ""), "Accept-Encoding": "gzip"}
        body = None if form is None else urlencode(form)
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        begun = time.perf_counter()
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        took = (time.perf_counter() - begun) * 1000
        connection.close()
        if cookie := answer.headers["Set-Cookie"]:
            self.cookies[who] = cookie.split(";")[0]
        packed = answer.headers.get("Content-Encoding") == "gzip"
        return TimedResponse(
            took,
            answer.status,
            gzip.decompress(content) if packed else content,
            answer.headers,
            len(content),
        )

    def log_in(self, username: str) -> None:
        found = self.ask(username, f"/login/?username={username}")
        if found.status == 302:  # the floor asks for no password
            return
        form = {"username": username, "password": PASSWORD, "csrf_token": token_of(found.body)}
        entered = self.ask(username, "/login/", form)
        if entered.status != 302:
            raise RuntimeError(f"{username} could not log in: {entered.status}")

    def cpu_ms(self) -> float:
        """The CPU time of its processes so far."""
        return sum(map(cpu_ms_of, [self.process.pid, *children(self.process.pid)]))


def token_of(body: bytes) -> str:
    found = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', body) or re.search(
        rb'csrf-token" content="([^"]+)"', body
    )
    return found[1].decode() if found else ""


def children(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task")
    return [int(key) for thread in threads.iterdir() for key in (thread / "children").read_text().split()]


def cpu_ms_of(pid: int) -> float:
    """The CPU time of a process and its threads from the scheduler; other processes do not affect it."""
    total = 0
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            total += int((thread / "schedstat").read_text().split()[0])
    except FileNotFoundError:  # ended meanwhile
        pass
    return total / 1e6


@contextmanager
def served(target: str, environment: dict[str, str]) -> Iterator[BenchServer]:
    """Serve *target* with gunicorn, two workers of four threads."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = f"-m gunicorn {target} -b 127.0.0.1:{port} -w 2 -k gthread --threads 4 --no-control-socket --log-level error"
    process = subprocess.Popen(
        [sys.executable, *command.split()],
        cwd=ROOT,
        env={**os.environ, **environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'bench'}"},
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", port), 1):
                    break
            except OSError:
                continue
        yield BenchServer(port, process)
    finally:
        process.terminate()
        process.wait(20)
