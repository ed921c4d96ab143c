"""Days on which something recurs: daily, on weekdays, on a day of the Jalali month, on the last day of the month."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from app.lib.jalali import add_months, month_length, month_start, to_jalali


class Period(enum.Enum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Recurrence:
    """A rule: `weekdays`, which a week needs, count from Saturday (0); `month_day` is limited to the length of each month."""

    period: Period
    weekdays: Collection[int] = ()
    month_day: int = 31

    def next_after(self, day: date) -> date:
        """The first day of the rule after *day*."""
        if self.period is Period.WEEK:
            return next(each for each in _week_after(day) if to_jalali(each).weekday() in self.weekdays)
        if self.period is Period.MONTH:
            this_month = self._within(month_start(day))
            return this_month if this_month > day else self._within(add_months(month_start(day), 1))
        return day + timedelta(days=1)

    def following(self, day: date, today: date) -> date:
        """The day that follows *day*: the latest one up to *today*, so that missed days come once, else the next one."""
        found = self.next_after(day)
        # A rule has a day in each month of 31 days, so that a long pause needs no walk through all of its days.
        start = max(found, today - timedelta(days=62))
        later = self.next_after(start)
        while later <= today:
            found, later = later, self.next_after(later)
        return found

    def _within(self, first: date) -> date:
        """The day of the rule in the month that begins on *first*."""
        jalali = to_jalali(first)
        number = min(self.month_day, month_length(jalali.year, jalali.month))
        return first + timedelta(days=number - 1)


def _week_after(day: date) -> list[date]:
    return [day + timedelta(days=shift) for shift in range(1, 8)]
