"""What the texts of a whole column say of those that are ambiguous."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from app.lib.digits import LARGEST
from app.lib.jalali import JalaliError
from app.lib.persian import latin_digits
from app.lib.tables.values.moments import AmbiguousDate, parse_moment
from app.lib.tables.values.quantities import AmbiguousNumber, parse_quantity
from app.lib.tables.values.styles import DateStyle, NumberStyle

# Most columns begin with the year, which leaves no question.
_YEAR_FIRST = re.compile(r"\s*[0-9]{4}[/\-.]")
_YEAR_LAST = re.compile(r"(?<![0-9])([0-9]{1,2})[/\-. ]([0-9]{1,2})[/\-. ](?:19|20)[0-9]{2}(?![0-9])")
_MONTHS = 12
_FRACTION = re.compile(r"[0-9]+[.,٫]0{1,2}(?![0-9])")


class ColumnSurvey(Protocol):
    """A survey of a column: an ambiguous text, the styles it may have, and the one that the column decides."""

    sample: str

    @property
    def options(self) -> Sequence[str]: ...
    @property
    def decided(self) -> str | None: ...


class DateSurvey:
    """Whether days come before months, and whether years of two digits occur."""

    def __init__(self) -> None:
        self.sample = ""
        self._options: dict[DateStyle, None] = {}
        self._seen: set[DateStyle] = set()

    def see(self, text: str) -> None:
        """Look at the next text of the column."""
        plain = latin_digits(text)
        if _YEAR_FIRST.match(plain):
            return
        try:
            parse_moment(text)
        except AmbiguousDate as error:
            self.sample = self.sample or text[:40]
            self._options |= dict.fromkeys(error.styles)
            return
        except JalaliError:
            return
        if match := _YEAR_LAST.search(plain):
            day_first = int(match[1]) > _MONTHS
            month_first = int(match[2]) > _MONTHS
            if day_first != month_first:
                self._seen.add(DateStyle.GREGORIAN_DMY if day_first else DateStyle.GREGORIAN_MDY)

    @property
    def options(self) -> Sequence[DateStyle]:
        return list(self._options)

    @property
    def decided(self) -> DateStyle | None:
        """The style that all clear texts have; none where years have two digits, since the calendar is unclear then."""
        short = any(style.is_jalali for style in self._options)
        return next(iter(self._seen)) if len(self._seen) == 1 and not short else None


class NumberSurvey:
    """Whether a sign before three digits separates a fraction."""

    def __init__(self) -> None:
        self.sample = ""
        self._has_fractions = False

    def see(self, text: str) -> None:
        """Look at the next text of the column."""
        try:
            parse_quantity(text, most=LARGEST)
        except AmbiguousNumber:
            self.sample = self.sample or text[:40]
        else:
            self._has_fractions = self._has_fractions or _FRACTION.search(latin_digits(text)) is not None

    @property
    def options(self) -> Sequence[NumberStyle]:
        return list(NumberStyle) if self.sample else []

    @property
    def decided(self) -> NumberStyle | None:
        return NumberStyle.FRACTION if self._has_fractions else None
