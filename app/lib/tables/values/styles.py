"""How the ambiguous texts of a column are read: one answer for the whole column."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class DateStyle(enum.StrEnum):
    """The calendar and the sequence of day, month and year."""

    JALALI_YMD = "jalali-ymd"
    JALALI_DMY = "jalali-dmy"
    GREGORIAN_YMD = "gregorian-ymd"
    GREGORIAN_DMY = "gregorian-dmy"
    GREGORIAN_MDY = "gregorian-mdy"

    @property
    def is_jalali(self) -> bool:
        return self.value.startswith("jalali")

    @property
    def places(self) -> str:
        return self.value.rpartition("-")[2]


class NumberStyle(enum.StrEnum):
    """What the sign in «1.000» separates: a fraction, or thousands."""

    FRACTION = "fraction"
    THOUSANDS = "thousands"


@dataclass(frozen=True)
class Styles:
    """The answers for the dates and for the numbers of a file; None where no answer was needed or given."""

    dates: DateStyle | None = None
    numbers: NumberStyle | None = None


def number_style(cell: object, styles: Styles) -> NumberStyle | None:
    """How the number in *cell* is read; that of a spreadsheet is no text, so its point begins a fraction."""
    return NumberStyle.FRACTION if isinstance(cell, float) else styles.numbers
