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

import psycopg  # noqa: E402 - the path comes first
from deletions import ROUNDS, Deletions  # noqa: E402 - the same
from ground import MANAGER, Answer, Server, children, consultant, prepare, served, worked_ms  # noqa: E402 - the same
from sqlalchemy import make_url  # noqa: E402 - the same
from works import Asked, Keys, Work, refuse_wrong, works  # noqa: E402 - the same

from tests.support.databases import create_database, postgres_server  # noqa: E402 - the same

WARM = 3
STATEMENTS = "X-Statements"


class Meter:
    """Milliseconds and the processor's time of one side and of the database, asked for in turns."""

    def __init__(self, postmaster: int) -> None:
        self.postmaster = postmaster
        self.ms: list[float] = []
        self.cpu: list[float] = []

    def take(self, side: Callable[[], float], act: Callable[[], tuple[float, Any]]) -> Any:
        before = side() + self._database()
        took, result = act()
        self.cpu.append(side() + self._database() - before)
        self.ms.append(took)
        return result

    def _database(self) -> float:
        return sum(map(worked_ms, children(self.postmaster)))


def measure(server: str, rows: int) -> list[dict[str, Any]]:
    """All work items on a database of its own."""
    url = create_database(server, "bench")
    prepare(url, rows)
    beyond_policies = make_url(server).set(database="bench", drivername="postgresql")
    plain = beyond_policies.render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        backend = connection.execute("SELECT pg_backend_pid()").fetchone()[0]  # type: ignore[index]  # one row
        postmaster = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
    with ExitStack() as stack:
        panel = stack.enter_context(served("counted:app", {"DATABASE_URL": url}))
        floor = stack.enter_context(served("floor:app", {"FLOOR_URL": plain}))
        for who in [MANAGER, *map(consultant, range(20))]:
            panel.log_in(who)
            floor.log_in(who)
        keys = Keys(plain, rows)
        lines = [run(rows, work, panel, floor, postmaster) for work in works(keys, panel, floor)]
        lines.append(run_deletions(rows, Deletions(keys, panel, floor), postmaster))
    return lines


def run(rows: int, work: Work, panel: Server, floor: Server, postmaster: int) -> dict[str, Any]:
    ours, base = Meter(postmaster), Meter(postmaster)
    shown: dict[str, Answer] = {}
    for turn in range(work.rounds + WARM):
        asked = work.asked(turn)
        sides = [("panel", ours, panel), ("floor", base, floor)]
        for name, meter, server in sides if turn % 2 else reversed(sides):
            shown[name] = meter.take(server.processor_ms, lambda s=server, n=name: _ask(s, n, asked))  # type: ignore[misc]  # bound now
        refuse_wrong(work, shown["panel"], shown["floor"])
    return line(rows, work.name, ours, base, WARM, _facts(shown["panel"]))


def _ask(server: Server, name: str, asked: Asked) -> tuple[float, Answer]:
    answer = server.ask(asked.who, *((asked.panel, asked.panel_form) if name == "panel" else (asked.floor, asked.floor_form)))
    return answer.ms, answer


def _facts(answer: Answer) -> dict[str, Any]:
    return {"statements": int(answer.headers[STATEMENTS]), "kb": round(answer.sent / 1024, 1)}


def run_deletions(rows: int, deletions: Deletions, postmaster: int) -> dict[str, Any]:
    """W7; what was deleted is gone, so each round takes the next thousand."""
    ours, base = Meter(postmaster), Meter(postmaster)
    for _turn in range(ROUNDS):
        ours.take(deletions.worked_ms, deletions.by_the_panel)
        base.take(deletions.floor.processor_ms, deletions.by_the_floor)
    return line(rows, "W7 delete 1,000", ours, base, 1, {"statements": deletions.statements, "kb": None})


def line(rows: int, name: str, ours: Meter, base: Meter, warm: int, facts: dict[str, Any]) -> dict[str, Any]:
    """One work item's figures, told at once; the first rounds only warm up."""
    ms, floor_ms, cpu, floor_cpu = (
        statistics.median(each[warm:]) for each in (ours.ms, base.ms, ours.cpu, base.cpu)
    )
    told = {
        "work": name,
        "rows": rows,
        "ms": round(ms, 1),
        "floor_ms": round(floor_ms, 1),
        "ratio": round(ms / floor_ms, 2),
        "cpu_ms": round(cpu, 1),
        "floor_cpu_ms": round(floor_cpu, 1),
        "cpu_ratio": round(cpu / floor_cpu, 2),
        **facts,
    }
    print(
        f"{rows:>9,}  {name:<24}{told['ms']:>8} ms{told['floor_ms']:>8} ms  ×{told['ratio']:<7}"
        f"cpu{told['cpu_ms']:>7} /{told['floor_cpu_ms']:>6} ms  ×{told['cpu_ratio']:<7}"
        f"{told['statements']:>4} statements  {told['kb'] or '–':>6} KB",
        flush=True,
    )
    return told


def main() -> None:
    lines = []
    for rows in [int(each.replace("_", "")) for each in sys.argv[1:]] or [100_000, 1_000_000]:
        with postgres_server() as server:
            lines += measure(server, rows)
    print(json.dumps(lines, ensure_ascii=False))


if __name__ == "__main__":
    main()
