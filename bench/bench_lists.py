"""Every tab, filter, order and search of every list, in data that are distributed badly.

Of the demo's rows, one consultant gets nine tenths, and most rows share their city, name, result or day of the next contact.
``python bench/bench_lists.py [rows] [postgresql|sqlite|generic]`` asks for each list as each role and prints a line of JSON for
each address whose slowest statement needs more than 100 ms also at the second time, then one with the number of addresses.
«generic» is PostgreSQL with plans for any value, which it may use after ten requests on a connection (decision 88).
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT)]

from sqlalchemy import Engine, create_engine, event, make_url, text  # noqa: E402 - the path comes first

from tests.support.databases import create_database, postgres_server  # noqa: E402 - the path comes first

ROWS = 150_000
SLOW_MS = 100
GENERIC = "generic"
PEOPLE = ("manager-demo1", "consultant1-demo1", "consultant2-demo1", "support-demo1")
SEARCHES = ("محمدی", "0912", "zzz", "ا")
# So many values of a filter are asked for: the first ones and the last one.
VALUES = 5
DAY = "1405/01/01"
SKEW = (
    "UPDATE follow_ups SET consultant_id = :heavy WHERE id % 10 < 9",
    "UPDATE sales SET consultant_id = :heavy WHERE id % 10 < 9",
    "UPDATE follow_ups SET next_at = (SELECT max(next_at) FROM follow_ups) WHERE id % 3 = 0 AND next_at IS NOT NULL",
    "UPDATE follow_ups SET last_result_id = (SELECT min(last_result_id) FROM follow_ups) WHERE id % 10 < 9 AND last_result_id IS NOT NULL",
    "UPDATE customers SET city = 'تهران', province = 'تهران' WHERE id % 20 <> 0",
    "UPDATE customers SET first_name = 'محمد', last_name = 'محمدی' WHERE id % 3 = 0",
    "UPDATE orders SET source_id = (SELECT min(source_id) FROM orders)",
)


class Controls(HTMLParser):
    """The links of a page, and the values that its form fields offer by name."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.values: dict[str, list[str]] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and value:
            self.values.setdefault(self._select, []).append(value)
        elif tag == "input" and name and given.get("type") != "hidden":
            self.values.setdefault(name, []).append(value or DAY)


def controls_of(page: str) -> Controls:
    found = Controls()
    found.feed(page)
    return found


@contextmanager
def database(kind: str) -> Iterator[tuple[str, str]]:
    """The URL of a new database for the panel, and that of its owner."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/ava.db", f"sqlite:///{folder}/ava.db"
        return
    with postgres_server() as server:
        url = create_database(server, "lists")
        owner = make_url(server).set(database="lists").render_as_string(hide_password=False)
        yield url, owner


def make_app(url: str, owner: str, rows: int) -> tuple[Any, dict[str, str]]:
    """The app on the skewed rows, and the passwords by user name."""
    os.environ |= {"DATABASE_URL": url, "APP_ENV": "test", "LIMITS": "off", "REAUTHENTICATE": "off"}
    from app.commands.database import migrate  # noqa: PLC0415 - only once the environment is set
    from app.factory import create_app  # noqa: PLC0415 - the same

    app = create_app()
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        migrate()
        command = ["demo", "--json", "--organizations", "1", "--follow-ups", str(rows)]
        done = app.test_cli_runner().invoke(args=command)
    if done.exit_code:
        raise SystemExit(done.output)
    engine = create_engine(owner)
    with engine.begin() as connection:
        heavy = connection.scalar(
            text("SELECT id FROM ab_user WHERE username = :name"), {"name": "consultant1-demo1"}
        )
        for statement in SKEW:
            connection.execute(text(statement), {"heavy": heavy})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM"))
        connection.execute(text("ANALYZE"))
    return app, {user["username"]: user["password"] for user in json.loads(done.stdout)["users"]}


def plan_for_any_value(app: Any) -> None:
    """Let all further connections use generic plans."""
    from app.extensions import db  # noqa: PLC0415 - only once the environment is set

    def plan(connection: Any, _record: Any) -> None:
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.commit()

    with app.app_context():
        event.listen(db.engine, "connect", plan)
        db.engine.dispose()


class Measured:
    """The statements of the last request with their milliseconds."""

    def __init__(self) -> None:
        self.statements: list[tuple[float, str]] = []
        event.listen(Engine, "before_cursor_execute", self._begin)
        event.listen(Engine, "after_cursor_execute", self._end)

    def _begin(self, connection: Any, *_rest: Any) -> None:
        connection.info["begun"] = time.perf_counter()

    def _end(self, connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        took = (time.perf_counter() - connection.info["begun"]) * 1000
        self.statements.append((took, " ".join(statement.split())))

    def ask(self, client: Any, address: str) -> str:
        """The page at *address*."""
        self.statements.clear()
        answer = client.get(address)
        if answer.status_code != 200:
            sys.stdout.write(json.dumps({"address": address, "status": answer.status_code}) + "\n")
        return str(answer.get_data(as_text=True))

    @property
    def slowest(self) -> tuple[float, str]:
        return max(self.statements, default=(0.0, ""))


def addresses(client: Any, section: str, page: str) -> Iterator[str]:
    """The tabs, orders, filters and searches of a list."""
    links = dict.fromkeys(controls_of(page).links)
    yield from (section + link.removeprefix(section) for link in links if re.match(rf"({section})?\?", link))
    answer = client.get(f"{section}filters")
    if answer.status_code == 200:
        for name, values in controls_of(answer.get_data(as_text=True)).values.items():
            for value in dict.fromkeys([*values[: VALUES - 1], values[-1]]):
                yield f"{section}?{urlencode({name: value})}"
    yield from (f"{section}?{urlencode({'q': each})}" for each in SEARCHES)


def look(measured: Measured, who: str, client: Any, address: str) -> str:
    """Ask for *address*, twice if it was slow, and print a line if it was so again."""
    page = measured.ask(client, address)
    if measured.slowest[0] > SLOW_MS:
        measured.ask(client, address)
    took, statement = measured.slowest
    if took > SLOW_MS:
        line = {"who": who, "address": address, "ms": round(took), "statement": statement}
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return page


def main(rows: int, kind: str) -> None:
    with database(kind) as (url, owner):
        app, passwords = make_app(url, owner, rows)
        measured, asked = Measured(), 0
        if kind == GENERIC:
            plan_for_any_value(app)
        for who in PEOPLE:
            client = app.test_client()
            client.post("/login/", data={"username": who, "password": passwords[who]})
            links = controls_of(client.get("/account/").get_data(as_text=True)).links
            for section in sorted({link for link in links if re.fullmatch(r"/[a-z-]+/", link)}):
                page = look(measured, who, client, section)
                for address in addresses(client, section, page):
                    look(measured, who, client, address)
                    asked += 1
        sys.stdout.write(json.dumps({"rows": rows, "database": kind, "addresses": asked}) + "\n")


if __name__ == "__main__":
    given = dict(enumerate(sys.argv))
    main(int(given.get(1, ROWS)), given.get(2, "postgresql"))
