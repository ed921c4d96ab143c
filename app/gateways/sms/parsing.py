"""Reading what providers write: numbers, objects and waiting times that may be anything."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.gateways.http_client import NoAnswer, NotSent, Reply
from app.gateways.sms.base import Answer, Outcome, Outgoing, Trouble
from app.lib.digits import LARGEST, parse_int
from app.lib.jalali import TEHRAN, parse_datetime
from app.lib.persian import latin_digits

_LONGEST_WAIT = 900.0
_MOST_EVENTS = 1000
_CODE_LENGTH = 40
_STAMP_LENGTH = 100
_FIRST_YEAR = 2000
# In the order in which a day comes before its time.
_MOMENTS = (
    "date",
    "time",
    "datetime",
    "timestamp",
    "sentdate",
    "senddate",
    "receivedate",
    "receivedat",
    "received_at",
    "receiveddatetime",
    "sent_at",
    "sentat",
)
_EPOCH = re.compile(r"[0-9]+")
_DIGITS = re.compile(r"[0-9]{1,19}")
SUCCESS = range(200, 300)
REFUSAL = range(400, 500)
_ASTRAY = range(300, 500)
_TOO_MANY_REQUESTS = 429


def number(value: Any) -> int | None:
    """A whole number that is not negative, also one that came as text."""
    if isinstance(value, str):
        value = parse_int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= LARGEST else None


def identity(value: Any) -> str | None:
    """A provider's id of a message; zero is none."""
    return str(found) if (found := number(value)) else None


def moment(row: Mapping[str, Any]) -> tuple[str, datetime | None]:
    """When a text was sent, in the provider's own words and, where they can be read, as an instant."""
    stamp = " ".join(str(row[name]).strip() for name in _MOMENTS if row.get(name) not in (None, ""))
    return stamp[:_STAMP_LENGTH], _instant(latin_digits(stamp))


def _instant(stamp: str) -> datetime | None:
    if _EPOCH.fullmatch(stamp):
        seconds = int(stamp[:10]) if len(stamp) in {10, 13} else -1
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    for read in (datetime.fromisoformat, parse_datetime):
        try:
            found = read(stamp.replace("/", "-") if read is datetime.fromisoformat else stamp)
        except ValueError:
            continue
        if found.year >= _FIRST_YEAR:
            return found if found.tzinfo else found.replace(tzinfo=TEHRAN)
    return None


def parsed(body: bytes) -> Any:
    """The JSON in *body*, or None."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def events(fields: Mapping[str, str], body: bytes) -> list[dict[str, Any]]:
    """What a provider posted, as a form or as JSON, with names in lower case."""
    told = parsed(body) if body[:1] in {b"{", b"["} else None
    if isinstance(told, dict):
        told = told.get("entries", [told])
    rows = told if isinstance(told, list) else [dict(fields)]
    return [
        {str(name).lower(): value for name, value in row.items()}
        for row in rows[:_MOST_EVENTS]
        if isinstance(row, dict)
    ]


def retry_after(reply: Reply) -> float | None:
    """The seconds that the provider asks to wait, within reason."""
    asked = next((text for name, text in reply.headers.items() if name.lower() == "retry-after"), "").strip()
    return min(float(asked), _LONGEST_WAIT) if _DIGITS.fullmatch(asked) else None


def unsent(outgoing: Outgoing, error: NotSent) -> Answer:
    return _cut_off(outgoing, Outcome.REFUSED_FOR_NOW, f"not sent: {error}")


def unanswered(outgoing: Outgoing, error: NoAnswer) -> Answer:
    return _cut_off(outgoing, Outcome.UNKNOWN, f"no answer: {error}")


def _cut_off(outgoing: Outgoing, outcome: Outcome, code: str) -> Answer:
    return Answer(outgoing.local_id, outcome, code=code[:_CODE_LENGTH], trouble=Trouble.TRANSPORT)


def unreadable(outgoing: Outgoing, reply: Reply) -> Answer:
    """An answer that is not the provider's own: a proxy's page, half a body, an error of its server."""
    answer = Answer(
        outgoing.local_id,
        Outcome.UNKNOWN,
        code=f"http {reply.status}",
        trouble=Trouble.TRANSPORT,
        retry_after=retry_after(reply),
        http_status=reply.status,
    )
    if reply.status == _TOO_MANY_REQUESTS:
        return replace(answer, outcome=Outcome.REFUSED_FOR_NOW, trouble=Trouble.BUSY)
    return replace(answer, trouble=Trouble.SETUP) if reply.status in _ASTRAY else answer
