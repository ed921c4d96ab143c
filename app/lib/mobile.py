"""Iranian mobile numbers in all their spellings (spec 4.1)."""

import enum
import re

from app.lib.persian import latin_digits, persian_digits

# What may stand between digits: spaces of all widths, dashes, dots, parentheses, joiners and direction marks.
_NOISE = re.compile(r"[\s().\-‐‑‒–—_/\u00a0\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_NUMBER = re.compile(r"(?:\+98|0098|98)?0?(9\d{9})")
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")
_FLOAT = re.compile(r"(\+?\d+)\.0+")
_DIGITS = re.compile(r"\+?\d*")
_LONGEST = 60


class Reason(enum.Enum):
    """What is wrong with a number."""

    EMPTY = "empty"
    LETTERS = "letters"
    SEVERAL = "several"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    LANDLINE = "landline"
    FOREIGN = "foreign"


class MobileError(ValueError):
    """Not one Iranian mobile number."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def canonical_mobile(raw: object) -> str:
    """``+989…`` for any spelling; raises `MobileError`."""
    text = latin_digits(str(raw)).strip("\ufeff\u200e\u200f \t")
    if len(text) > _LONGEST:
        raise MobileError(Reason.TOO_LONG)
    if "\n" in text or "\r" in text:
        raise MobileError(Reason.SEVERAL)
    compact = _NOISE.sub("", _unfloat(text).lower().removeprefix("'")).removeprefix("tel:")
    match = _NUMBER.fullmatch(compact)
    if match is None:
        raise MobileError(_blame(compact))
    return f"+98{match[1]}"


def _unfloat(text: str) -> str:
    """The digits of a number that a spreadsheet wrote as a float, when none of them was lost."""
    stripped = text.strip()
    if match := _FLOAT.fullmatch(stripped):
        return match[1]
    match = _SCIENTIFIC.fullmatch(stripped)
    if match is None:
        return text
    digits, exponent = match[1] + (match[2] or ""), int(match[3])
    return digits if len(digits) == exponent + 1 else text


def _blame(compact: str) -> Reason:
    if not compact:
        return Reason.EMPTY
    if not _DIGITS.fullmatch(compact) or not compact.isascii():
        return Reason.LETTERS
    if compact.startswith("+") and not compact.startswith("+98"):
        return Reason.FOREIGN
    national = re.sub(r"^(?:\+98|0098|98)?0?", "", compact)
    if national[:1] != "9":
        return Reason.LANDLINE
    if len(national) >= 20:
        return Reason.SEVERAL
    return Reason.TOO_LONG if len(national) > 10 else Reason.TOO_SHORT


def local_mobile(canonical: str) -> str:
    """``09121234567``, as people here write it."""
    return "0" + canonical.removeprefix("+98")


def display_mobile(canonical: str) -> str:
    """«۰۹۱۲ ۱۲۳ ۴۵۶۷»."""
    local = local_mobile(canonical)
    return persian_digits(f"{local[:4]} {local[4:7]} {local[7:]}")


def mobile_fragment(text: str) -> str | None:
    """The digits to look for in a number when *text* is (part of) one, without its prefix; else None."""
    compact = _NOISE.sub("", latin_digits(text)).lower().removeprefix("'").removeprefix("tel:")
    if not re.fullmatch(r"\+?\d{2,15}", compact):
        return None
    if compact.startswith("0"):
        return re.sub(r"^(?:0098)?0?", "", compact) or None
    return re.sub(r"^\+98|^98(?=9)", "", compact).removeprefix("+") or None
