"""Quantities in files: whole numbers with a unit, or with the zeros of a fraction."""

from __future__ import annotations

import re

from app.lib.digits import parse_int
from app.lib.persian import latin_digits
from app.lib.tables.values.styles import NumberStyle

_UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202f\u2066-\u2069\ufeff]")
_UNIT = (
    "عدد|عددی|تا|تایی|دانه|نفر|جلد|بسته|کارتن|نسخه|دستگاه|جفت|ست|مورد|دوره|کتاب|شاخه|قطعه"
    "|pcs?|pieces?|units?|items?|ea|each|x|×|qty"
)
_COUNTED = re.compile(rf"(?:[x×]|تعداد:?)?\s*(?P<number>[0-9.,٫٬/]+)\s*(?:{_UNIT})?\.?", re.IGNORECASE)
_FRACTION = re.compile(r"([0-9]+)[.,٫/]0+")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:٬[0-9]{3})+")
_EITHER = re.compile(r"([1-9][0-9]{0,2})[.,]([0-9]{3})")


class AmbiguousNumber(ValueError):
    """A number such as «1.000», which is one or a thousand."""


def parse_quantity(text: str, style: NumberStyle | None = None, *, most: int) -> int | None:
    """The whole number from 1 to *most* in *text*, or None; raises `AmbiguousNumber`, unless *style* decides."""
    match = _COUNTED.fullmatch(_UNSEEN.sub("", latin_digits(text)).strip())
    if match is None:
        return None
    number = match["number"]
    either = _EITHER.fullmatch(number)
    if either is not None:
        if style is None:
            raise AmbiguousNumber(text)
        is_whole = style is NumberStyle.THOUSANDS or not either[2].strip("0")
        if not is_whole:
            return None
        number = either[1] + (either[2] if style is NumberStyle.THOUSANDS else "")
    elif _THOUSANDS.fullmatch(number):
        number = number.replace("٬", "")
    elif fraction := _FRACTION.fullmatch(number):
        number = fraction[1]
    return parse_int(number, least=1, most=most)
