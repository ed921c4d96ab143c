"""The panel beside a floor written by hand, in the same run: the work items W1 to W7 at 100,000 and 1,000,000 follow-ups.

``python bench/bench_panel.py [rows …]`` brings up a PostgreSQL, fills it, serves both with gunicorn (two workers of four
threads) and asks in turns: median milliseconds, the processor's time of both sides with their database, statements and
compressed kilobytes. Ends with a line of JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import psycopg
from deletions import ROUNDS, Deletions
from ground import MANAGER, Answer, Server, children, consultant, prepare, served, worked_ms
from sqlalchemy import make_url
from works import OWNERS, Asked, Keys, Work, refuse_wrong, works

from tests.support.databases import create_database, postgres_server

# Until every connection of both sides has met the statement often enough for the driver to prepare it and the database to keep its plan: five times on each of eight.
WARM = 60
STATEMENTS = "X-Statements"


class Meter:
    """Milliseconds and the processor's time of one side and of the database, asked for in turns."""

    def __init__(self, postmaster: int) -> None:
        self.postmaster = postmaster
        self.ms: list[float] = []
        self.cpu: list[float] = []
        self.database: list[float] = []

    def take(self, side: Callable[[], float], act: Callable[[], tuple[float, Any]]) -> Any:
        before, asked = side(), self._worked()
        took, result = act()
        self.database.append(self._worked() - asked)
        self.cpu.append(side() - before + self.database[-1])
        self.ms.append(took)
        return result

    def _worked(self) -> float:
        return sum(map(worked_ms, children(self.postmaster)))


def measure(server: str, rows: int) -> list[dict[str, Any]]:
    """All work items on a database of its own."""
    url = create_database(server, "bench")
    app = prepare(url, rows)
    beyond_policies = make_url(server).set(database="bench", drivername="postgresql")
    plain = beyond_policies.render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        backend = connection.execute("SELECT pg_backend_pid()").fetchone()[0]  # type: ignore[index]  # one row
        postmaster = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
    with ExitStack() as stack:
        panel = stack.enter_context(served("counted:app", {"DATABASE_URL": url}))
        floor = stack.enter_context(served("floor:app", {"FLOOR_URL": plain}))
        for who in [MANAGER, *map(consultant, range(OWNERS))]:
            panel.log_in(who)
            floor.log_in(who)
        keys = Keys(plain, rows)
        lines = [tell(run(rows, work, panel, floor, postmaster)) for work in works(keys, panel)]
        lines.append(tell(run_deletions(rows, Deletions(app, keys, panel, floor), postmaster)))
    return lines


def run(rows: int, work: Work, panel: Server, floor: Server, postmaster: int) -> dict[str, Any]:
    ours, base = Meter(postmaster), Meter(postmaster)
    for turn in range(work.rounds + WARM):
        asked = work.asked(turn)

        def by_panel(asked: Asked = asked) -> tuple[float, Answer]:
            answer = panel.ask(asked.who, asked.panel, asked.panel_form)
            return answer.ms, answer

        def by_floor(asked: Asked = asked) -> tuple[float, Answer]:
            answer = floor.ask(asked.who, asked.floor, asked.floor_form)
            return answer.ms, answer

        if turn % 2:
            mine = ours.take(panel.processor_ms, by_panel)
            other = base.take(floor.processor_ms, by_floor)
        else:
            other = base.take(floor.processor_ms, by_floor)
            mine = ours.take(panel.processor_ms, by_panel)
        refuse_wrong(work, mine, other)
    return {"work": work.name, "rows": rows} | compared(ours, base, WARM) | _facts(mine)


def _facts(answer: Answer) -> dict[str, Any]:
    return {"statements": int(answer.headers[STATEMENTS]), "kb": round(answer.sent / 1024, 1)}


def run_deletions(rows: int, deletions: Deletions, postmaster: int) -> dict[str, Any]:
    """W7; what was deleted is gone, so each round takes the next thousand."""
    ours, base = Meter(postmaster), Meter(postmaster)
    for _turn in range(ROUNDS):
        ours.take(deletions.worked_ms, deletions.by_the_panel)
        base.take(deletions.floor.processor_ms, deletions.by_the_floor)
    facts = {"statements": deletions.statements, "kb": None}
    return {"work": "W7 delete 1,000", "rows": rows} | compared(ours, base, 1) | facts


def compared(ours: Meter, base: Meter, warm: int) -> dict[str, Any]:
    """The medians of both sides and their ratios; the first rounds only warm up."""
    ms, floor_ms, cpu, floor_cpu, database, floor_database = (
        statistics.median(each[warm:])
        for each in (ours.ms, base.ms, ours.cpu, base.cpu, ours.database, base.database)
    )
    return {
        "ms": round(ms, 1),
        "floor_ms": round(floor_ms, 1),
        "ratio": round(ms / floor_ms, 2),
        "cpu_ms": round(cpu, 1),
        "floor_cpu_ms": round(floor_cpu, 1),
        "cpu_ratio": round(cpu / floor_cpu, 2),
        # Of the processor's time, what the database took.
        "database_ms": round(database, 1),
        "floor_database_ms": round(floor_database, 1),
    }


def tell(line: dict[str, Any]) -> dict[str, Any]:
    """Say one work item's figures at once."""
    print(
        f"{line['rows']:>9,}  {line['work']:<24}{line['ms']:>8} ms{line['floor_ms']:>8} ms  ×{line['ratio']:<7}"
        f"cpu{line['cpu_ms']:>7} /{line['floor_cpu_ms']:>6} ms  ×{line['cpu_ratio']:<7}db{line['database_ms']:>6} /{line['floor_database_ms']:>5} ms"
        f"{line['statements']:>4} statements  {line['kb'] or '–':>6} KB",
        flush=True,
    )
    return line


def main() -> None:
    lines = []
    for rows in [int(each.replace("_", "")) for each in sys.argv[1:]] or [100_000, 1_000_000]:
        with postgres_server() as server:
            lines += measure(server, rows)
    print(json.dumps(lines, ensure_ascii=False))


if __name__ == "__main__":
    main()
