"""Defensive parsing of the answers and webhooks of providers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.lib.digits import LARGEST, parse_int
from app.lib.jalali import TEHRAN, parse_datetime
from app.lib.persian import latin_digits

_MAX_EVENTS = 1000
_STAMP_LENGTH = 100
_FIRST_YEAR = 2000
# Fields that may contain a timestamp. A date field comes before the field of its time.
_TIMESTAMP_FIELDS = (
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
SUCCESS = range(200, 300)
REFUSAL = range(400, 500)


def number(value: Any) -> int | None:
    """A non-negative integer from an integer or a string of Latin digits, else None."""
    if isinstance(value, str):
        # Providers are programs: other digits mean a damaged answer, which must not name a message.
        value = parse_int(value) if value.isascii() else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= LARGEST else None


def parse_id(value: Any) -> str | None:
    """A provider's message id as text; None for zero and for invalid values."""
    return str(found) if (found := number(value)) else None


def parse_timestamp(row: Mapping[str, Any]) -> tuple[str, datetime | None]:
    """(raw timestamp text, parsed time or None) of an inbound text."""
    stamp = " ".join(str(row[name]).strip() for name in _TIMESTAMP_FIELDS if row.get(name) not in (None, ""))
    return stamp[:_STAMP_LENGTH], _parse_moment(latin_digits(stamp))


def _parse_moment(stamp: str) -> datetime | None:
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


def parse_json(body: bytes) -> Any:
    """The JSON in *body*, or None."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def parse_events(fields: Mapping[str, str], body: bytes) -> list[dict[str, Any]]:
    """The rows of a posted form or JSON document, with lower-case field names."""
    data = parse_json(body) if body[:1] in {b"{", b"["} else None
    if isinstance(data, dict):
        data = data.get("entries", [data])
    rows = data if isinstance(data, list) else [dict(fields)]
    return [
        {str(name).lower(): value for name, value in row.items()}
        for row in rows[:_MAX_EVENTS]
        if isinstance(row, dict)
    ]
