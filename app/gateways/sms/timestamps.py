"""Timestamps of inbound texts, as providers write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.lib.jalali import TEHRAN, parse_datetime
from app.lib.persian import latin_digits

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
