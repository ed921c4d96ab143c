"""The work items: the requests to panel and floor in each round, with varying users and values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode

import psycopg
from data import LAST
from ground import MANAGER, BenchServer, TimedResponse, consultant, token_of

ALL = {"tab": "all"}
# The number of consultants whose lists are requested in turns.
OWNERS = 4


@dataclass(frozen=True)
class RequestPair:
    """The same request for both sides: user, addresses and forms."""

    who: str
    panel: str
    floor: str
    panel_form: dict[str, str] | None = None
    floor_form: dict[str, str] | None = None


@dataclass(frozen=True)
class WorkItem:
    name: str
    requests: Callable[[int], RequestPair]
    rounds: int = 15
    is_list: bool = True
    # The bold figure of the floor's page stands on the panel's as well.
    has_figure: bool = False


class Keys:
    """Keys of rows for the addresses."""

    def __init__(self, url: str, rows: int) -> None:
        self.url, self.rows = url, rows
        with psycopg.connect(url) as connection:
            self.connection = connection
            self.first = self._one("SELECT min(id) FROM follow_ups")
            self.result = self._one("SELECT min(id) FROM result_titles")
            self.with_history = [
                row[0]
                for row in connection.execute("SELECT DISTINCT follow_up_id FROM follow_up_entries LIMIT 200")
            ]

    def _one(self, statement: str) -> int:
        return int(self.connection.execute(statement).fetchone()[0])  # type: ignore[index]  # there is one

    def now(self, statement: str, *values: Any) -> Any:
        """The present value of a one-value statement."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement, values).fetchone()[0]  # type: ignore[index]  # there is one


def works(keys: Keys, panel: BenchServer) -> list[WorkItem]:
    from app.lib.jalali import add_months, format_date, month_start, start_of_day, today  # noqa: PLC0415 - once the environment is set

    day, month = today(), today() + timedelta(days=30)
    due, end = (start_of_day(each + timedelta(days=1)).isoformat() for each in (day, month))

    def both(who: str, ours: dict[str, Any], base: dict[str, Any]) -> RequestPair:
        return RequestPair(who, f"/follow-ups/?{urlencode(ours)}", f"/?{urlencode(base)}")

    def own(turn: int) -> RequestPair:
        return both(consultant(turn % OWNERS), {}, {"own": 1, "due": due})

    def deep(turn: int) -> RequestPair:
        on = turn * (keys.rows // 401)
        after = keys.first + keys.rows // 2 - on
        place = {"after": f"{after}.{after}", "n": keys.rows // 2 + on}
        return both(MANAGER, {**ALL, **place}, {"after": after})

    def result_and_month(turn: int) -> RequestPair:
        result = keys.result + turn % 8
        span = {"f_next_at_from": format_date(day), "f_next_at_to": format_date(month)}
        base = {"result": result, "from": start_of_day(day).isoformat(), "to": end}
        return both(MANAGER, {**ALL, "f_last_result": result, **span}, base)

    begins, ends = add_months(month_start(day), -4), month_start(day)
    months = {"from": start_of_day(begins).isoformat(), "to": start_of_day(ends).isoformat()}

    def report(who: str, **base: Any) -> RequestPair:
        ours = "/reports/final-sales/?range=four_months"
        return RequestPair(who, ours, f"/report?{urlencode({**months, **base})}")

    def mobile(turn: int) -> RequestPair:
        # The end of an existing number; not with a leading zero, which search would take for a prefix.
        ends = (f"{n * 7919 % 10**9:09}"[-5:] for n in count(turn * 40 + 1))
        digits = next(end for end in ends if end[0] != "0")
        return both(MANAGER, {**ALL, "q": digits}, {"q": digits})

    def name(turn: int) -> RequestPair:
        part = LAST[turn % len(LAST)][:4]
        return both(MANAGER, {**ALL, "q": part}, {"q": part})

    return [
        WorkItem("W1 own list, due", own),
        WorkItem("W1 all, first page", lambda _turn: both(MANAGER, ALL, {})),
        WorkItem("W2 deep page", deep),
        WorkItem("W2 last page", lambda _turn: both(MANAGER, {**ALL, "end": 1}, {"end": 1})),
        WorkItem("W3 result and month", result_and_month),
        WorkItem("W4a end of a mobile", mobile),
        WorkItem("W4b part of a name", name),
        WorkItem("W5 detail with history", lambda turn: detail(keys, turn), is_list=False),
        WorkItem("W6 save a result", lambda turn: save(keys, panel, turn), is_list=False),
        WorkItem(
            "W8c own report",
            lambda turn: report(consultant(turn % OWNERS), own=1),
            is_list=False,
            has_figure=True,
        ),
        WorkItem("W8m report of all", lambda _turn: report(MANAGER), is_list=False, has_figure=True),
    ]


def detail(keys: Keys, turn: int) -> RequestPair:
    key = keys.with_history[turn]
    return RequestPair(MANAGER, f"/follow-ups/{key}/panel", f"/{key}")


def save(keys: Keys, panel: BenchServer, turn: int) -> RequestPair:
    """The filled form of the panel; loading it is not timed."""
    key = keys.with_history[-1 - turn]
    form = panel.ask(MANAGER, f"/follow-ups/{key}/panel").body
    from app.lib.jalali import format_datetime  # noqa: PLC0415 - once the environment is set

    at = datetime.now().astimezone() + timedelta(days=2)
    sent = {"result_title": str(keys.result), "note": f"دور {turn}"}
    ours = {
        **sent,
        "csrf_token": token_of(form),
        "token": value_of(form, b"token"),
        "next_at": format_datetime(at),
    }
    return RequestPair(
        MANAGER,
        f"/follow-ups/{key}/result",
        f"/{key}/result",
        ours,
        {**sent, "next_at": at.isoformat()},
    )


def value_of(body: bytes, name: bytes) -> str:
    part = body.partition(b'name="%s"' % name)[2].partition(b'value="')[2]
    return part.partition(b'"')[0].decode()


def check_responses(work: WorkItem, panel: TimedResponse, floor: TimedResponse) -> None:
    """Raise unless both sides have shown the same rows or figure, or accepted the form."""
    if work.is_list:
        same = panel.keys == floor.keys and len(panel.keys) > 0
    else:
        same = panel.status in {200, 204, 302} and floor.status in {200, 302}
    if work.has_figure:
        same = floor.body.partition(b"<b>")[2].partition(b"</b>")[0] in panel.body
    if not same or (panel.status, floor.status) == (302, 200):
        raise RuntimeError(
            f"{work.name}: {panel.status} with {len(panel.keys)} rows, the floor {floor.status} with {len(floor.keys)}"
        )
