"""Bars of days with their mean of seven days; drawn from the same figures as the table below them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from app.lib.jalali import WEEKDAYS, day_and_month, to_jalali, weekday
from app.lib.persian import persian_digits

_WEEK = 7
_GAP = 0.25
# Steps of the axis that a reader counts in.
_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Day:
    """One bar. The sizes are parts of a drawing as wide as the number of days and 100 high."""

    label: str
    count: int
    mean: str
    amount: int
    url: str | None
    x: float
    y: float
    height: float
    mean_y: float
    tick: str
    month: str
    is_last: bool


@dataclass(frozen=True)
class DayChart:
    days: tuple[Day, ...]
    # The values of the axis, the greatest first.
    axis: tuple[int, ...]
    bar_width: float = 1 - _GAP

    @property
    def line(self) -> str:
        """The points of the mean."""
        return " ".join(f"{number + 0.5:g},{day.mean_y:g}" for number, day in enumerate(self.days))


def day_chart(
    days: Sequence[date],
    counts: Sequence[int],
    amounts: Sequence[int],
    url: Callable[[date], str | None],
) -> DayChart | None:
    """The chart of *days*; *counts* begin six days earlier, for the mean of the first one. None where all are 0."""
    shown = counts[len(counts) - len(days) :]
    if not any(shown):
        return None
    axis = _axis(max(shown))
    bars = []
    for number, (day, count) in enumerate(zip(days, shown, strict=True)):
        end = len(counts) - len(days) + number + 1
        week = counts[max(0, end - _WEEK) : end]
        mean = sum(week) / len(week)
        height = round(100 * count / axis[0], 2)
        tick, month = _tick(day, is_first=number == 0, is_last=number == len(days) - 1)
        bars.append(
            Day(
                label=f"{weekday(day)} {day_and_month(day)}",
                count=count,
                mean=persian_digits(f"{mean:.1f}").replace(".", "٫"),
                amount=amounts[len(amounts) - len(days) + number],
                url=url(day) if count else None,
                x=number + _GAP / 2,
                y=round(100 - height, 2),
                height=height,
                mean_y=round(100 - 100 * mean / axis[0], 2),
                tick=tick,
                month=month,
                is_last=number == len(days) - 1,
            )
        )
    return DayChart(tuple(bars), axis)


def _tick(day: date, *, is_first: bool, is_last: bool) -> tuple[str, str]:
    """(day, month) below a bar: on Saturdays and at both ends, with the month at the first day that shows it."""
    jalali = to_jalali(day)
    name = day_and_month(day).split(" ", 1)[1]
    if jalali.day == 1 or is_first:
        return persian_digits(jalali.day), name
    if is_last or weekday(day) == WEEKDAYS[0]:
        return persian_digits(jalali.day), ""
    return "", ""


def _axis(most: int) -> tuple[int, ...]:
    """Whole numbers from 0 to at least *most* in at most five steps, the greatest first."""
    size = 1
    while True:
        for step in _STEPS:
            count = -(-most // (step * size))
            if count <= 5:
                return tuple(step * size * number for number in range(max(count, 1), -1, -1))
        size *= 10
