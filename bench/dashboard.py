"""The dashboard as one whole: the page, and the parts that a browser asks for when the page is shown."""

from __future__ import annotations

import html
import re
import statistics
from collections.abc import Callable
from typing import Any

from ground import MANAGER, BenchServer, consultant

ROUNDS, WARM = 9, 20
_PART = re.compile(rb'hx-get="(/dashboard/part/[^"]+)"')


def measure_dashboards(
    rows: int, panel: BenchServer, database_ms: Callable[[], float]
) -> list[dict[str, Any]]:
    """A line for a manager and one for a consultant; there is no baseline for them."""
    return [
        _line(rows, name, who, panel, database_ms)
        for name, who in (("manager", MANAGER), ("consultant", consultant(0)))
    ]


def _line(
    rows: int, name: str, who: str, panel: BenchServer, database_ms: Callable[[], float]
) -> dict[str, Any]:
    found = [_round(who, panel, database_ms) for _turn in range(WARM + ROUNDS)][WARM:]
    line = {key: round(statistics.median(each[key] for each in found), 1) for key in found[0]}
    return {"work": f"dashboard of a {name}", "rows": rows} | line


def _round(who: str, panel: BenchServer, database_ms: Callable[[], float]) -> dict[str, float]:
    """The page and then all its parts: milliseconds, CPU time of panel and database, statements and kilobytes."""
    before, database_before = panel.cpu_ms(), database_ms()
    page = panel.ask(who, "/dashboard/")
    page_cpu = panel.cpu_ms() - before + database_ms() - database_before
    parts = [panel.ask(who, html.unescape(each.decode())) for each in _PART.findall(page.body)]
    answers = [page, *parts]
    if any(each.status != 200 for each in answers):
        raise RuntimeError(f"the dashboard of {who} answered {[each.status for each in answers]}")
    database = database_ms() - database_before
    return {
        "page_ms": page.ms,
        "ms": sum(each.ms for each in answers),
        "page_cpu_ms": page_cpu,
        "cpu_ms": panel.cpu_ms() - before + database,
        "database_ms": database,
        "requests": len(answers),
        "page_statements": int(page.headers["X-Statements"]),
        "statements": sum(int(each.headers["X-Statements"]) for each in answers),
        "kb": sum(each.sent for each in answers) / 1024,
    }


def print_dashboard(line: dict[str, Any]) -> dict[str, Any]:
    print(
        f"{line['rows']:>9,}  {line['work']:<24}{line['ms']:>8} ms  cpu{line['cpu_ms']:>7} ms  db{line['database_ms']:>6} ms"
        f"{line['statements']:>5} statements in {line['requests']:.0f} requests; the page alone {line['page_cpu_ms']} ms and"
        f" {line['page_statements']:.0f} statements",
        flush=True,
    )
    return line
