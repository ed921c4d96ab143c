"""The place of an event in a timeline, as an address names it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from app.lib.moment import moment_of, number_of

# Year 9999 in microseconds, and the largest key.
_MOST = (253_402_300_799_000_000, 99, 2**63 - 1)


class Place(NamedTuple):
    """The place of an event in a timeline: its time, the number of its source and its key."""

    at: datetime
    kind: int
    key: int

    def __str__(self) -> str:
        return f"{number_of(self.at)}.{self.kind}.{self.key}"


def read_place(text: str | None) -> Place | None:
    """The place in an address; None for any other text."""
    parts = (text or "").split(".")
    if len(parts) != len(_MOST) or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    if any(len(part) > 19 or int(part) > most for part, most in zip(parts, _MOST, strict=True)):
        return None
    at, kind, key = map(int, parts)
    return Place(moment_of(at), kind, key)
