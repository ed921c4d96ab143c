"""The work items: what is asked of the panel and of the floor in each round, never twice the same where people differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode

import psycopg
from data import LAST
from ground import MANAGER, Answer, Server, consultant, encode_cursor

ALL = {"tab": "all"}
# Consultants whose own lists are asked for, one after the other.
OWNERS = 4


@dataclass(frozen=True)
class Asked:
    """One request to each side: who, the panel's address, the floor's, and what to send."""

    who: str
    panel: str
    floor: str
    panel_form: dict[str, str] | None = None
    floor_form: dict[str, str] | None = None


@dataclass(frozen=True)
class Work:
    name: str
    asked: Callable[[int], Asked]
    rounds: int = 15
    is_list: bool = True


class Keys:
    """What the addresses need to know of the rows."""

    def __init__(self, url: str, rows: int) -> None:
        self.url, self.rows = url, rows
        with psycopg.connect(url) as connection:
            self.connection = connection
            self.first = self._one("SELECT min(id) FROM follow_ups")
            self.result = self._one("SELECT min(id) FROM result_titles")
            self.talked = [
                row[0]
                for row in connection.execute("SELECT DISTINCT follow_up_id FROM follow_up_entries LIMIT 200")
            ]

    def _one(self, statement: str) -> int:
        return int(self.connection.execute(statement).fetchone()[0])  # type: ignore[index]  # there is one

    def now(self, statement: str, *values: Any) -> Any:
        """One value as it stands at the moment."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement, values).fetchone()[0]  # type: ignore[index]  # there is one


def works(keys: Keys, panel: Server) -> list[Work]:
    from app.lib.jalali import format_date, start_of_day, today  # noqa: PLC0415 - once the environment is set

    day, month = today(), today() + timedelta(days=30)
    due, end = (start_of_day(each + timedelta(days=1)).isoformat() for each in (day, month))

    def both(who: str, ours: dict[str, Any], base: dict[str, Any]) -> Asked:
        return Asked(who, f"/follow-ups/?{urlencode(ours)}", f"/?{urlencode(base)}")

    def own(turn: int) -> Asked:
        return both(consultant(turn % OWNERS), {}, {"own": 1, "due": due})

    def deep(turn: int) -> Asked:
        on = turn * (keys.rows // 401)
        after = keys.first + keys.rows // 2 - on
        place = {"after": f"{after}.{after}", "n": keys.rows // 2 + on}
        return both(MANAGER, {**ALL, **place}, {"after": after})

    def result_and_month(turn: int) -> Asked:
        result = keys.result + turn % 8
        span = {"f_next_at_from": format_date(day), "f_next_at_to": format_date(month)}
        base = {"result": result, "from": start_of_day(day).isoformat(), "to": end}
        return both(MANAGER, {**ALL, "f_last_result": result, **span}, base)

    def mobile(turn: int) -> Asked:
        # Of a customer that is there; none begins with a zero, which a number's prefix may be.
        ends = (f"{n * 7919 % 10**9:09}"[-5:] for n in count(turn * 40 + 1))
        digits = next(end for end in ends if end[0] != "0")
        return both(MANAGER, {**ALL, "q": digits}, {"q": digits})

    def name(turn: int) -> Asked:
        part = LAST[turn % len(LAST)][:4]
        return both(MANAGER, {**ALL, "q": part}, {"q": part})

    return [
        Work("W1 own list, due", own),
        Work("W1 all, first page", lambda _turn: both(MANAGER, ALL, {})),
        Work("W2 deep page", deep),
        Work("W2 last page", lambda _turn: both(MANAGER, {**ALL, "end": 1}, {"end": 1})),
        Work("W3 result and month", result_and_month),
        Work("W4a end of a mobile", mobile),
        Work("W4b part of a name", name),
        Work("W5 detail with history", lambda turn: detail(keys, turn), is_list=False),
        Work("W6 save a result", lambda turn: save(keys, panel, turn), is_list=False),
    ]


def detail(keys: Keys, turn: int) -> Asked:
    key = keys.talked[turn]
    return Asked(MANAGER, f"/follow-ups/{key}/panel", f"/{key}")


def save(keys: Keys, panel: Server, turn: int) -> Asked:
    """What the panel's form holds, filled in; its question is not timed."""
    key = keys.talked[-1 - turn]
    form = panel.ask(MANAGER, f"/follow-ups/{key}/panel").body
    from app.lib.jalali import format_datetime  # noqa: PLC0415 - once the environment is set

    at = datetime.now().astimezone() + timedelta(days=2)
    sent = {"result_title": str(keys.result), "note": f"دور {turn}"}
    ours = {
        **sent,
        "csrf_token": encode_cursor(form),
        "token": value_of(form, b"token"),
        "next_at": format_datetime(at),
    }
    return Asked(
        MANAGER,
        f"/follow-ups/{key}/result",
        f"/{key}/result",
        ours,
        {**sent, "next_at": at.isoformat()},
    )


def value_of(body: bytes, name: bytes) -> str:
    part = body.partition(b'name="%s"' % name)[2].partition(b'value="')[2]
    return part.partition(b'"')[0].decode()


def refuse_wrong(work: Work, panel: Answer, floor: Answer) -> None:
    """Both sides must have shown the same rows, or done what was asked."""
    if work.is_list:
        same = panel.keys == floor.keys and len(panel.keys) > 0
    else:
        same = panel.status in {200, 204, 302} and floor.status in {200, 302}
    if not same or (panel.status, floor.status) == (302, 200):
        raise RuntimeError(
            f"{work.name}: {panel.status} with {len(panel.keys)} rows, the floor {floor.status} with {len(floor.keys)}"
        )
