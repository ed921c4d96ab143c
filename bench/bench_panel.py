"""The panel compared with a hand-written baseline: the work items W1 to W8 at 100,000 and 1,000,000 follow-ups.

``python bench/bench_panel.py [rows …]`` starts a PostgreSQL, fills it, serves both with gunicorn (two workers of four
threads) and sends requests in turns. It prints median milliseconds, CPU time including the database, statements and
compressed kilobytes, then the dashboard as one whole, and at the end a line of JSON.
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
from dashboard import measure_dashboards, print_dashboard
from deletions import ROUNDS, Deletions
from ground import MANAGER, BenchServer, TimedResponse, children, consultant, cpu_ms_of, prepare, served
from sqlalchemy import make_url
from works import OWNERS, Keys, RequestPair, WorkItem, check_responses, works

from tests.support.databases import create_database, postgres_server

# On each of eight connections the driver prepares a statement after five runs, and the database may choose a plan for any
# value after five more.
WARM = 100
STATEMENTS = "X-Statements"


class Meter:
    """Milliseconds and CPU time of one side and of the database."""

    def __init__(self, postmaster: int) -> None:
        self.postmaster = postmaster
        self.ms: list[float] = []
        self.cpu: list[float] = []
        self.database: list[float] = []

    def measure(self, side: Callable[[], float], run: Callable[[], tuple[float, Any]]) -> Any:
        before, database_before = side(), self.database_ms()
        took, result = run()
        self.database.append(self.database_ms() - database_before)
        self.cpu.append(side() - before + self.database[-1])
        self.ms.append(took)
        return result

    def database_ms(self) -> float:
        return sum(map(cpu_ms_of, children(self.postmaster)))


def measure(server: str, rows: int) -> list[dict[str, Any]]:
    """Measure all work items on a database of its own."""
    url = create_database(server, "bench")
    app = prepare(url, rows)
    without_policies = make_url(server).set(database="bench", drivername="postgresql")
    plain = without_policies.render_as_string(hide_password=False)
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
        lines = [print_line(run(rows, work, panel, floor, postmaster)) for work in works(keys, panel)]
        database_ms = Meter(postmaster).database_ms
        lines += map(print_dashboard, measure_dashboards(rows, panel, database_ms))
        lines.append(print_line(run_deletions(rows, Deletions(app, keys, panel, floor), postmaster)))
    return lines


def run(rows: int, work: WorkItem, panel: BenchServer, floor: BenchServer, postmaster: int) -> dict[str, Any]:
    ours, base = Meter(postmaster), Meter(postmaster)
    for turn in range(work.rounds + WARM):
        pair = work.requests(turn)

        def ask_panel(pair: RequestPair = pair) -> tuple[float, TimedResponse]:
            answer = panel.ask(pair.who, pair.panel, pair.panel_form)
            return answer.ms, answer

        def ask_floor(pair: RequestPair = pair) -> tuple[float, TimedResponse]:
            answer = floor.ask(pair.who, pair.floor, pair.floor_form)
            return answer.ms, answer

        if turn % 2:
            mine = ours.measure(panel.cpu_ms, ask_panel)
            other = base.measure(floor.cpu_ms, ask_floor)
        else:
            other = base.measure(floor.cpu_ms, ask_floor)
            mine = ours.measure(panel.cpu_ms, ask_panel)
        check_responses(work, mine, other)
    return {"work": work.name, "rows": rows} | compared(ours, base, WARM) | _facts(mine)


def _facts(answer: TimedResponse) -> dict[str, Any]:
    return {"statements": int(answer.headers[STATEMENTS]), "kb": round(answer.sent / 1024, 1)}


def run_deletions(rows: int, deletions: Deletions, postmaster: int) -> dict[str, Any]:
    """Measure W7; each round deletes the next thousand rows."""
    ours, base = Meter(postmaster), Meter(postmaster)
    for _turn in range(ROUNDS):
        ours.measure(deletions.cpu_ms, deletions.delete_by_panel)
        base.measure(deletions.floor.cpu_ms, deletions.delete_by_floor)
    facts = {"statements": deletions.statements, "kb": None}
    return {"work": "W7 delete 1,000", "rows": rows} | compared(ours, base, 1) | facts


def compared(ours: Meter, base: Meter, warm: int) -> dict[str, Any]:
    """The medians of both sides and their ratios, without the first *warm* rounds."""
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
        # The part of the CPU time that the database used.
        "database_ms": round(database, 1),
        "floor_database_ms": round(floor_database, 1),
        "database_ratio": round(database / floor_database, 2),
    }


def print_line(line: dict[str, Any]) -> dict[str, Any]:
    """Print the figures of one work item."""
    print(
        f"{line['rows']:>9,}  {line['work']:<24}{line['ms']:>8} ms{line['floor_ms']:>8} ms  ×{line['ratio']:<7}"
        f"cpu{line['cpu_ms']:>7} /{line['floor_cpu_ms']:>6} ms  ×{line['cpu_ratio']:<7}"
        f"db{line['database_ms']:>6} /{line['floor_database_ms']:>5} ms  ×{line['database_ratio']:<7}"
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
