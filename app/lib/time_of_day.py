"""Times of the day, as people type them and as they are shown."""

from __future__ import annotations

import re
from datetime import time

from app.lib.persian import latin_digits, persian_digits

# «9», «930», «0930», «9:30», «9.30», and with the seconds that programs write.
_TIME = re.compile(r"([01]?[0-9]|2[0-3])(?:[:.٫]?([0-5][0-9])(?::[0-5][0-9])?)?")
_MARKS = re.compile(r"[\s\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


class TimeError(ValueError):
    """A text that is no time of the day."""


def parse_time(text: str) -> time:
    """The time of «۱۴:۳۰», «1430» or «۹»; raises `TimeError`."""
    match = _TIME.fullmatch(_MARKS.sub("", latin_digits(text)))
    if match is None:
        raise TimeError(text)
    return time(int(match[1]), int(match[2] or 0))


def format_time_of_day(value: time) -> str:
    """The time as «۱۴:۳۰»."""
    return persian_digits(f"{value:%H:%M}")
