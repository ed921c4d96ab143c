"""The distance of a moment from now in Tehran: its day, its hour and how late it is."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from app.lib.jalali import TEHRAN, day_and_month, to_jalali, weekday
from app.lib.persian import persian_digits

# A weekday names one day only as far as six days away.
WEEK = 6
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


class RelativeDay(NamedTuple):
    """A moment as a reader of today says it.

    `days` counts from today: 0 for today, -1 for yesterday. `day` is the weekday within six days, otherwise the Jalali
    day and month, with the year where it is another one. `clock` is the hour; empty beyond six days and where no hour is
    known, which is the case for dates and for midnight.
    """

    days: int
    day: str
    clock: str


def relative_day(value: date | datetime, now: datetime) -> RelativeDay:
    today, day = tehran_day(now), tehran_day(value)
    days = (day - today).days
    if abs(days) <= WEEK:
        return RelativeDay(days, weekday(day), clock(value))
    is_this_year = to_jalali(day).year == to_jalali(today).year
    return RelativeDay(days, day_and_month(day, with_year=not is_this_year), "")


def late_by(value: date | datetime, now: datetime) -> tuple[int, str] | None:
    """(number, «day», «hour» or «minute») since *value*; None if less than a minute has passed.

    A value without an hour is late from the next day on.
    """
    if not clock(value):
        days = (tehran_day(now) - tehran_day(value)).days
        return (days, "day") if days > 0 else None
    passed = int((now - _aware(value)).total_seconds())
    return next(((passed // size, unit) for unit, size in _UNITS if passed >= size), None)


def tehran_day(value: date | datetime) -> date:
    """The day in Tehran, as a Gregorian date."""
    return _aware(value).astimezone(TEHRAN).date() if isinstance(value, datetime) else value


def clock(value: date | datetime) -> str:
    """The hour in Tehran as «۹:۰۰»; empty for a date and for midnight."""
    if not isinstance(value, datetime):
        return ""
    local = _aware(value).astimezone(TEHRAN)
    return persian_digits(f"{local.hour}:{local.minute:02d}") if local.hour or local.minute else ""


def _aware(value: date | datetime) -> datetime:
    """The moment; a naive one is Tehran time."""
    moment = value if isinstance(value, datetime) else datetime.combine(value, datetime.min.time())
    return moment if moment.tzinfo else moment.replace(tzinfo=TEHRAN)
