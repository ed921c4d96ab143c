"""Codes of persons, companies and places in Iran: their digits, and the check digit of those that have one."""

from __future__ import annotations

import enum
import re

from app.lib.persian import latin_digits, normalize

_MARKS = re.compile(r"[\s\-_./\u200c\u200e\u200f]")
_LEGAL_WEIGHTS = (29, 27, 23, 19, 17)
# The lengths of economic codes without a check digit: before and after 1402.
_ECONOMIC_LENGTHS = frozenset({12, 14})
_LONGEST = 60
_SITE = re.compile(
    r"(?:https?://)?((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63})((?:[/?#:][!-~]*)?)",
    re.IGNORECASE,
)


class CodeReason(enum.Enum):
    """Which code a text is not."""

    NATIONAL_ID = "national_id"
    LEGAL_ID = "legal_id"
    ECONOMIC_CODE = "economic_code"
    POSTAL_CODE = "postal_code"
    WEBSITE = "website"


class CodeError(ValueError):
    """A text that is not the code that is asked for."""

    def __init__(self, reason: CodeReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def read_national_id(text: str) -> str:
    """The ten digits of a person's national ID (کد ملی); raises `CodeError`."""
    digits = _digits(text)
    if not _is_national_id(digits):
        raise CodeError(CodeReason.NATIONAL_ID)
    return digits


def read_legal_id(text: str) -> str:
    """The eleven digits of a company's national ID (شناسه ملی); raises `CodeError`."""
    digits = _digits(text)
    if not _is_legal_id(digits):
        raise CodeError(CodeReason.LEGAL_ID)
    return digits


def read_economic_code(text: str) -> str:
    """An economic code (کد اقتصادی): eleven digits are the company's national ID, ten the person's; raises `CodeError`."""
    digits = _digits(text)
    if not (len(digits) in _ECONOMIC_LENGTHS or _is_legal_id(digits) or _is_national_id(digits)):
        raise CodeError(CodeReason.ECONOMIC_CODE)
    return digits


def read_postal_code(text: str) -> str:
    """The ten digits of a postal code; raises `CodeError`."""
    digits = _digits(text)
    if len(digits) != 10 or len(set(digits)) == 1:
        raise CodeError(CodeReason.POSTAL_CODE)
    return digits


def read_website(text: str) -> str:
    """The address of a website with its scheme; raises `CodeError`."""
    match = _SITE.fullmatch(normalize(text[:200]))
    if match is None:
        raise CodeError(CodeReason.WEBSITE)
    scheme = "http" if text.strip().lower().startswith("http:") else "https"
    return f"{scheme}://{match[1].lower()}{match[2]}"


def _digits(text: str) -> str:
    """The digits of *text* without the marks between them; empty for a text with other letters."""
    digits = _MARKS.sub("", latin_digits(text[:_LONGEST]))
    return digits if digits.isascii() and digits.isdigit() else ""


def _is_national_id(digits: str) -> bool:
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    rest = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return int(digits[9]) == (rest if rest < 2 else 11 - rest)


def _is_legal_id(digits: str) -> bool:
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    tens = int(digits[9]) + 2
    total = sum((int(digit) + tens) * _LEGAL_WEIGHTS[place % 5] for place, digit in enumerate(digits[:10]))
    return int(digits[10]) == total % 11 % 10
