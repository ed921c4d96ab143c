"""Whole numbers written in Persian, Arabic or Latin digits."""

from __future__ import annotations

import re

from app.lib.persian import latin_digits

# Characters that group digits or set their direction: commas of three scripts, spaces, joiners, marks.
_SEPARATORS = re.compile(r"[,٬،\s\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff']")
# The largest number of a column of 64 bits.
LARGEST = 2**63 - 1


def ungrouped(text: str) -> str:
    """*text*, a number as people type or paste it, with ASCII digits, and without separators and invisible marks."""
    return _SEPARATORS.sub("", latin_digits(text))


def parse_int(text: str | None, *, least: int = 0, most: int = LARGEST) -> int | None:
    """The number that *text* consists of; None when there is anything but digits, or outside *least* … *most*.

    Neither signs nor spaces are accepted.
    """
    digits = latin_digits(text or "")
    # The length is checked first, because Python refuses to convert thousands of digits.
    if len(digits) > len(str(LARGEST)) or not (digits.isascii() and digits.isdigit()):
        return None
    number = int(digits)
    return number if least <= number <= most else None
