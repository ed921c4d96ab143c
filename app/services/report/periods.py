"""Periods of a report: days, weeks from Saturday and Jalali months, each limited to the range."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import lru_cache

from app.lib.jalali import add_months, month_start, start_of_day, week_start

# The most months that a range may have (spec 4.5).
MOST_MONTHS = 4
_DAY = timedelta(days=1)


class Grain(Enum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Period:
    """Days of a range, both ends included; `is_whole` says that the range cuts nothing off."""

    first: date
    last: date
    is_whole: bool = True

    @property
    def start(self) -> datetime:
        """The first instant in Tehran."""
        return start_of_day(self.first)

    @property
    def end(self) -> datetime:
        """The first instant after the period in Tehran."""
        return start_of_day(self.last + _DAY)


def last_allowed_day(first: date, months: int = MOST_MONTHS) -> date:
    """The last day of the longest range that begins with *first*."""
    return add_months(first, months) - _DAY


def periods_of(first: date, last: date, grain: Grain) -> list[Period]:
    """The periods that cover the days from *first* to *last*."""
    return list(_periods_of(first, last, grain))


# A page asks for the periods of its range a dozen times.
@lru_cache(maxsize=500)
def _periods_of(first: date, last: date, grain: Grain) -> tuple[Period, ...]:
    found = []
    day = first
    while day <= last:
        begins, ends = _around(day, grain)
        until = min(ends, last)
        found.append(Period(day, until, is_whole=(begins, ends) == (day, until)))
        day = until + _DAY
    return tuple(found)


def _around(day: date, grain: Grain) -> tuple[date, date]:
    """The first and the last day of the calendar's period around *day*."""
    if grain is Grain.DAY:
        return day, day
    if grain is Grain.WEEK:
        begins = week_start(day)
        return begins, begins + timedelta(days=6)
    begins = month_start(day)
    return begins, add_months(begins, 1) - _DAY
