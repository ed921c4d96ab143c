"""Open pages that ask for news on PostgreSQL: CPU time of 200 members, each of whom asks every 20 seconds.

Requests are counted and limited as in production, by counters in the memory of the process, then in Valkey.
``python bench/bench_polling.py [rounds]`` prints a line of JSON for each, with the median of the rounds and the round that
other programs disturbed least; it fails where the members need more than 3 % of one core in the latter, or where one of them
is refused at the pace of four open pages.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from ground import CONSULTANTS, MANAGER, PASSWORD, BenchServer, consultant, served  # noqa: E402 - the path comes first
from werkzeug.security import generate_password_hash  # noqa: E402 - the path comes first

from tests.support.broker import valkey_server  # noqa: E402 - the path comes first
from tests.support.databases import create_database, postgres_server  # noqa: E402 - the path comes first

PAUSE_SECONDS = 20
MOST_PERCENT = 3.0
ROUNDS, WARM_UP = 10, 1
MESSAGES = 50
NEWS = "/notifications/news"
# What a member with four open pages asks within a minute, and a number that no limit of a minute allows.
OPEN_PAGES, TOO_MANY = 4, 1_000
A_MINUTE = OPEN_PAGES * 60 // PAUSE_SECONDS


def prepare(url: str) -> None:
    """An organisation with its members, one conversation of all of them, and one of each with the manager."""
    os.environ |= {"DATABASE_URL": url, "APP_ENV": "test", "LIMITS": "off"}
    from app.commands.database import migrate  # noqa: PLC0415 - only once the environment is set
    from app.extensions import db  # noqa: PLC0415 - the same
    from app.factory import create_app  # noqa: PLC0415 - the same
    from app.services.message.send import answer, start  # noqa: PLC0415 - the same
    from app.services.organization import create_organization  # noqa: PLC0415 - the same
    from models.tenancy.scope import Actor, bind  # noqa: PLC0415 - the same
    from tests.factories import member  # noqa: PLC0415 - the same

    with create_app().app_context():
        migrate()
        here = create_organization("bench", "سنجش", {"B-1": "محصول"})
        bind(db.session(), Actor(here.id))
        manager = member("Manager", here, MANAGER)
        people = [member("Consultant", here, consultant(number)) for number in range(CONSULTANTS)]
        hashed = generate_password_hash(PASSWORD, "scrypt:1024:8:1")
        for person in people:
            person.password = hashed
        db.session.flush()
        bind(db.session(), Actor(here.id, manager.id))
        thread = start(people, "سلام").thread
        for number in range(MESSAGES):
            answer(thread, f"پیام {number}")
        for person in people:
            start([person], "سلام")
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


def poll(server: BenchServer, marks: dict[str, str]) -> None:
    """Each member asks once; every mark is that of the last answer."""
    for number in range(CONSULTANTS):
        who = consultant(number)
        found = server.ask(who, f"{NEWS}?mark={marks.get(who, '')}")
        if found.status == 200:
            marks[who] = json.loads(found.body)["mark"]
        elif found.status != 204:
            raise SystemExit(f"{NEWS} answers {found.status}")


def allowed(server: BenchServer, who: str) -> int:
    """How many requests for news one member may send in a row."""
    for number in range(TOO_MANY):
        if server.ask(who, NEWS).status == 429:
            return number
    raise SystemExit("Requests are not limited.")


def measure(url: str, rounds: int, store: dict[str, str]) -> tuple[list[float], int]:
    """CPU milliseconds of one request in each round, and how many requests one member may send in a row."""
    environ = {"DATABASE_URL": url, "APP_ENV": "test", "LIMITS": "on", **store}
    with served("run:app", environ) as server:
        for number in range(CONSULTANTS):
            server.log_in(consultant(number))
        marks: dict[str, str] = {}
        for _ in range(1 + WARM_UP):
            poll(server, marks)
        spent = [one_round(server, marks) for _ in range(rounds)]
        last = consultant(CONSULTANTS - 1)
        # The newest requests of this member are in the same minute.
        return spent, allowed(server, last) + 1 + WARM_UP + rounds


def one_round(server: BenchServer, marks: dict[str, str]) -> float:
    """CPU milliseconds of one request, when each member asks once."""
    before = server.cpu_ms()
    poll(server, marks)
    return (server.cpu_ms() - before) / CONSULTANTS


def main() -> None:
    rounds = int((sys.argv[1:] or [str(ROUNDS)])[0])
    failed = []
    with postgres_server() as database:
        url = create_database(database, "bench_polling")
        prepare(url)
        for name, counters in (("memory", nullcontext("")), ("valkey", valkey_server())):
            with counters as address:
                spent, most = measure(url, rounds, {"REDIS_URL": address})
            percent = min(spent) * CONSULTANTS / (PAUSE_SECONDS * 1000) * 100
            times = {"ms, median": round(median(spent), 2), "ms, least": round(min(spent), 2)}
            figures = {"counters": name, "members": CONSULTANTS, **times}
            print(json.dumps({**figures, "percent of a core": round(percent, 2), "allowed in a row": most}))
            if percent > MOST_PERCENT or most < A_MINUTE:
                failed.append(name)
    if failed:
        raise SystemExit(
            f"{CONSULTANTS} members may need {MOST_PERCENT} % of a core and {A_MINUTE} requests a minute each: {failed}"
        )


if __name__ == "__main__":
    main()
