"""Password rules: length, common passwords, personal words."""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Iterable
from functools import cache

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.lib.persian import fold

MOST = 200
_COMMON = 10_000
# Rows of the Persian and the Latin keyboard, read in both directions.
_ROWS = ("ضصثقفغعهخحجچ", "شسیبلاتنمکگ", "ظطزرذدپو", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890")
_SHORTEST_WALK = 6


class PasswordReason(enum.Enum):
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    COMMON = "common"
    PERSONAL = "personal"


class PasswordError(ValueError):
    """A password that is not accepted, with the reason."""

    def __init__(self, reason: PasswordReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def accepted_password(text: str, *, least: int, personal: Iterable[str] = ()) -> str:
    """*text* in NFC; raises `PasswordError` (rules: NIST SP 800-63B, section 5.1.1.2)."""
    text = unicodedata.normalize("NFC", text)
    if len(text) > MOST:
        raise PasswordError(PasswordReason.TOO_LONG)
    if len(text) < least:
        raise PasswordError(PasswordReason.TOO_SHORT)
    plain = fold(text)
    if "\x00" in text or plain in _common() or _is_walk(plain):
        raise PasswordError(PasswordReason.COMMON)
    if any(plain == name or plain == name[::-1] for name in map(fold, personal) if name):
        raise PasswordError(PasswordReason.PERSONAL)
    return text


@cache
def _common() -> frozenset[str]:
    return frozenset(map(fold, FREQUENCY_LISTS["passwords"][:_COMMON]))


def _is_walk(plain: str) -> bool:
    """Whether *plain* is part of a keyboard row or one repeated character."""
    if len(set(plain)) == 1:
        return True
    rows = [direction for row in _ROWS for direction in (row, row[::-1])]
    return len(plain) >= _SHORTEST_WALK and any(plain in fold(row) * 2 for row in rows)
