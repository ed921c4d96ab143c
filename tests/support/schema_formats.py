"""Values of the formats of codes that have a check, for Schemathesis: a JSON Schema can't say what a check digit is."""

from __future__ import annotations

import schemathesis
from hypothesis import strategies

_WEIGHTS = (29, 27, 23, 19, 17)


def _national_id(number: int) -> str:
    digits = f"{number:09}"
    rest = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
    return f"{digits}{rest if rest < 2 else 11 - rest}"


def _legal_id(number: int) -> str:
    digits = f"{number:010}"
    ten = int(digits[9]) + 2
    check = sum((ten + int(digit)) * _WEIGHTS[place % 5] for place, digit in enumerate(digits)) % 11
    return f"{digits}{check % 10}"


_LEGAL_IDS = strategies.integers(10_100_000_000 // 10, 1_499_999_999).map(_legal_id)
_FORMATS = {
    "national-id": strategies.integers(100_000_000, 999_999_998).map(_national_id),
    "legal-id": _LEGAL_IDS,
    "economic-code": _LEGAL_IDS,
    "postal-code": strategies.integers(1_234_567_890, 9_876_543_210).map(str),
    "phone": strategies.integers(10_000_000, 99_999_999).map(lambda number: f"021{number}"),
    "website": strategies.sampled_from(["https://example.ir", "www.example.com/a?b=1"]),
}
for _name, _values in _FORMATS.items():
    schemathesis.openapi.format(_name, _values)
