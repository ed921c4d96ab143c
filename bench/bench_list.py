"""The list of follow-ups at 100,000 and 1,000,000 rows beside a floor written by hand, in the same run.

``python bench/bench_list.py [rows …]`` brings up a PostgreSQL, fills it, serves both with gunicorn (two workers of four
threads) and asks in turns: median milliseconds, the ratio, statements, compressed kilobytes. Ends with a line of JSON.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from data import fill, name_rows  # noqa: E402 - the path comes first
from werkzeug.security import generate_password_hash  # noqa: E402 - the path comes first

from tests.support.databases import create_database, postgres_server  # noqa: E402 - the path comes first

ROUNDS, CONSULTANTS = 15, 200
PASSWORD = "correct horse 12"
MANAGER, CONSULTANT = "bench-manager", "bench-c060"


def prepare(url: str, rows: int) -> dict[str, int]:
    """Tables, people and titles by the product's own means, the rows by SQL; returns the keys that addresses need."""
    os.environ |= {"DATABASE_URL": url, "APP_ENV": "test", "LIMITS": "off"}
    from app.cli import migrate  # noqa: PLC0415 - only once the environment is set
    from app.extensions import db  # noqa: PLC0415 - the same
    from app.factory import create_app  # noqa: PLC0415 - the same
    from app.lib.persian import fold, sort_key  # noqa: PLC0415 - the same
    from app.services.organization import found_organization  # noqa: PLC0415 - the same
    from models.result_title import ResultTitle  # noqa: PLC0415 - the same
    from models.scope import Acting, bind  # noqa: PLC0415 - the same
    from tests.factories import member  # noqa: PLC0415 - the same

    app = create_app()
    with app.app_context():
        migrate()
        here = found_organization("bench", "سنجش", {f"B-{n}": f"محصول {n}" for n in range(4)})
        bind(db.session(), Acting(here.id))
        people = [member("Manager", here, MANAGER)]
        people += [member("Consultant", here, f"bench-c{number:03}") for number in range(CONSULTANTS)]
        hashed = generate_password_hash(PASSWORD)
        for person in people:
            person.password = hashed
        titles = db.session.query(ResultTitle).count()
        for number in range(titles, 8):
            db.session.add(ResultTitle(title=f"نتیجه {number}", position=number))
        db.session.commit()
        result = min(row.id for row in db.session.query(ResultTitle))
        db.session.remove()
        db.engine.dispose()
    fill(url.replace("+psycopg", ""), rows, CONSULTANTS, name_rows(fold, sort_key))
    return {"result": result}


@contextmanager
def served(target: str, environment: dict[str, str]) -> Any:
    """The port of *target* behind gunicorn."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        target,
        "-b",
        f"127.0.0.1:{port}",
        "-w",
        "2",
        "-k",
        "gthread",
    ]
    server = subprocess.Popen(
        [*command, "--threads", "4", "--no-control-socket", "--log-level", "error"],
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
        yield port
    finally:
        server.terminate()
        server.wait(20)


def get(port: int, path: str, cookie: str) -> tuple[float, http.client.HTTPResponse, bytes]:
    """Milliseconds, answer and body of one request over a fresh connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    started = time.perf_counter()
    connection.request(
        "GET", path, headers={"Cookie": cookie, "Accept-Encoding": "gzip", "HX-Request": "false"}
    )
    answer = connection.getresponse()
    body = answer.read()
    took = (time.perf_counter() - started) * 1000
    connection.close()
    if answer.headers.get("Content-Encoding") == "gzip":
        return took, answer, gzip.decompress(body)
    return took, answer, body


def log_in(port: int, username: str) -> str:
    """The cookie of a browser in which *username* is logged in."""
    _took, answer, body = get(port, "/login/", "")
    cookie = str(answer.headers["Set-Cookie"]).split(";")[0]
    token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', body) or re.search(
        rb'csrf-token" content="([^"]+)"', body
    )
    form = urlencode(
        {"username": username, "password": PASSWORD, "csrf_token": token[1].decode() if token else ""}
    )
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/login/", form, headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 302:
        raise RuntimeError(f"{username} could not log in: {answer.status}")
    return str(answer.headers["Set-Cookie"]).split(";")[0]


def works(keys: dict[str, int]) -> list[tuple[str, str, str, str]]:
    """Name, who asks, our address, the floor's."""
    name, digits = quote("قاسم"), "7919"
    result = keys["result"] + 1
    return [
        ("W1 own, due", CONSULTANT, "/follow-ups/", "/?own=1&due=1"),
        ("W1 all, first page", MANAGER, "/follow-ups/?tab=all", "/"),
        (
            "W2 deep page",
            MANAGER,
            "/follow-ups/?tab=all&after={middle}.{middle}&n=500001",
            "/?offset={depth}",
        ),
        ("W2 last page", MANAGER, "/follow-ups/?tab=all&end=1", "/?offset={end}"),
        (
            "W3 result and month",
            MANAGER,
            f"/follow-ups/?tab=all&f_last_result={result}&f_next_at_from={{today}}&f_next_at_to={{month}}",
            f"/?result={result}",
        ),
        ("W4a part of a mobile", MANAGER, f"/follow-ups/?tab=all&q={digits}", f"/?q={digits}"),
        ("W4b part of a name", MANAGER, f"/follow-ups/?tab=all&q={name}", f"/?q={name}"),
    ]


def measure(url: str, rows: int) -> list[dict[str, Any]]:
    keys = prepare(url, rows)
    from datetime import timedelta  # noqa: PLC0415 - beside its only use

    from app.lib.jalali import format_date, today  # noqa: PLC0415 - only once the environment is set

    places = {"middle": rows // 2, "depth": rows // 2, "end": rows - 25}
    places |= {
        "today": quote(format_date(today())),
        "month": quote(format_date(today() + timedelta(days=30))),
    }
    plain = url.replace("+psycopg", "")
    with ExitStack() as stack:
        ours = stack.enter_context(served("run:app", {"DATABASE_URL": url}))
        floor = stack.enter_context(served("floor:app", {"FLOOR_URL": plain}))
        cookies = {name: log_in(ours, name) for name in (MANAGER, CONSULTANT)}
        return [
            run(
                rows,
                name,
                (ours, path.format(**places), cookies[who]),
                (floor, base.format(**places), f"u={who}"),
            )
            for name, who, path, base in works(keys)
        ]


def run(rows: int, name: str, ours: tuple[int, str, str], floor: tuple[int, str, str]) -> dict[str, Any]:
    times: dict[str, list[float]] = {"ours": [], "floor": []}
    body = b""
    for turn in range(ROUNDS + 2):
        order = [("ours", ours), ("floor", floor)]
        for which, ask in order if turn % 2 else reversed(order):
            took, answer, content = get(*ask)
            if answer.status != 200 or content.count(b"data-pk=") == 0:
                raise RuntimeError(
                    f"{name}: {which} answered {answer.status} with {content.count(b'data-pk=')} rows"
                )
            if turn >= 2:
                times[which].append(took)
            body = content if which == "ours" else body
    mine, base = statistics.median(times["ours"]), statistics.median(times["floor"])
    line = {
        "work": name,
        "rows": rows,
        "ms": round(mine, 1),
        "floor_ms": round(base, 1),
        "ratio": round(mine / base, 2),
        "kilobytes": round(len(gzip.compress(body, 6)) / 1024, 1),
    }
    print(
        f"{rows:>9,}  {name:<24}{line['ms']:>8} ms{line['floor_ms']:>8} ms  ×{line['ratio']:<6}{line['kilobytes']:>6} KB",
        flush=True,
    )
    return line


def main() -> None:
    sizes = [int(each) for each in sys.argv[1:] if each.isdigit()] or [100_000, 1_000_000]
    lines = []
    for rows in sizes:
        with postgres_server() as server:
            lines += measure(create_database(server, "bench"), rows)
    print(json.dumps(lines, ensure_ascii=False))


if __name__ == "__main__":
    main()
