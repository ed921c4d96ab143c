"""The moments of the demo: 24 months that grow, with quiet holidays, and calls in the working hours of Tehran."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from app.lib.jalali import TEHRAN, to_jalali

DAYS = 730
_AHEAD = 30
_FRIDAY = 4
# Orders come from morning to late evening, calls are made in working hours.
_ORDERS, _CALLS = (8, 23), (9, 18)
_QUARTERS = (0, 15, 30, 45)
# The share of an ordinary day's orders.
_ON_FRIDAYS, _ON_HOLIDAYS, _AROUND_NOWRUZ, _BEFORE_NOWRUZ = 0.3, 0.3, 0.3, 1.3
# The share of today's orders on a day two years ago.
_AT_FIRST = 0.4
# A small demo is busier in the last weeks; from so many rows on, the past is as busy as the present.
_MANY = 1_000
# (month, day) of the holidays that are the same in each Jalali year.
_HOLIDAYS = frozenset(
    {(1, 1), (1, 2), (1, 3), (1, 4), (1, 12), (1, 13), (3, 14), (3, 15), (11, 22), (12, 29)}
)


class Calendar:
    """Random moments before the moment *start*; days are counted back from it."""

    def __init__(self, generator: Random, start: datetime) -> None:
        self._random, self._start = generator, start
        # Tehran's clock has not changed since 2022, so each day has 24 hours.
        midnight = start.astimezone(TEHRAN).replace(hour=0, minute=0, second=0, microsecond=0)
        self._midnight = midnight.astimezone(start.tzinfo)
        self._shares = {age: _share_of(midnight - timedelta(days=age)) for age in range(-_AHEAD, DAYS + 1)}

    def age_of(self, moment: datetime) -> timedelta:
        return self._start - moment

    def orders(self, total: int) -> list[datetime]:
        """The times of *total* orders, the oldest first."""
        ages = range(DAYS)
        weights = accumulate(
            self._shares[age]
            * (1 - (1 - _AT_FIRST) * age / DAYS)
            * (1 if total >= _MANY else (age + 1) ** -0.8)
            for age in ages
        )
        drawn = self._random.choices(ages, cum_weights=list(weights), k=total) if total else []
        return sorted(self._at(age, _ORDERS) for age in drawn)

    def lately(self) -> datetime:
        """The time of an order of today or yesterday."""
        return self._at(self._random.randrange(2), _ORDERS)

    def order_after(self, after: datetime, most_days: int) -> datetime:
        """The time of an order within *most_days* after another one."""
        most = min(self._age(after), most_days)
        at = self._at(self._age(after) - self._random.randrange(most + 1), _ORDERS)
        return (
            at if at > after else min(after + timedelta(minutes=self._random.randrange(3, 50)), self._start)
        )

    def call(self, after: datetime, most_days: float) -> datetime | None:
        """The time of a call within *most_days* after a moment; None where that is still to come."""
        wait = timedelta(days=self._random.random() ** 2 * most_days)
        age = self._working(self._age(after + wait))
        at = self._minute(age, _CALLS)
        if at <= after:
            at = self._soon(after)
        return at if at < self._start else None

    def next_contact(self) -> datetime:
        """A time from two days ago to a week ahead, at a quarter of an hour in working hours."""
        age = self._working(self._random.randrange(-7, 3))
        hour, minute = self._random.randrange(*_CALLS), self._random.choice(_QUARTERS)
        return self._midnight - timedelta(days=age) + timedelta(hours=hour, minutes=minute)

    def working_day(self, ago: int, hour: int = 10) -> datetime:
        """An hour of the last working day that is at least *ago* days back."""
        age = ago
        while self._shares[age] < 1:
            age += 1
        return self._midnight - timedelta(days=age) + timedelta(hours=hour)

    def next_working_day(self, hour: int) -> datetime:
        """An hour of the first working day to come."""
        return self._midnight - timedelta(days=self._working(-1)) + timedelta(hours=hour)

    def _soon(self, after: datetime) -> datetime:
        """Within two hours, or in the first hours of the next working day."""
        at = after + timedelta(minutes=self._random.randrange(10, 90))
        age, hour = self._age(at), (at - self._midnight).seconds / 3600
        if self._shares[age] >= 1 and _CALLS[0] <= hour < _CALLS[1]:
            return at
        return self._minute(self._working(age - (1 if hour >= _CALLS[0] else 0)), (_CALLS[0], _CALLS[0] + 2))

    def _age(self, at: datetime) -> int:
        """How many days ago the day of *at* was; negative for days to come."""
        return -((at - self._midnight).days)

    def _working(self, age: int) -> int:
        """The day *age* days ago, or the first working day after it."""
        while self._shares[age] < 1:
            age -= 1
        return age

    def _minute(self, age: int, hours: tuple[int, int]) -> datetime:
        """A minute within *hours* of the day *age* days ago, those in their middle more often."""
        minutes = int(self._random.triangular(hours[0] * 60, hours[1] * 60))
        return self._midnight + timedelta(days=-age, minutes=minutes)

    def _at(self, age: int, hours: tuple[int, int]) -> datetime:
        """Like `_minute`, on the day before where the minute is still to come."""
        at = self._minute(age, hours)
        return at if at < self._start else at - timedelta(days=1)


def _share_of(day: datetime) -> float:
    """The orders of *day* in relation to an ordinary one; less than one for days without work."""
    date = to_jalali(day)
    if day.weekday() == _FRIDAY:
        return _ON_FRIDAYS
    if (date.month, date.day) in _HOLIDAYS:
        return _ON_HOLIDAYS
    if date.month == 1 and date.day <= 13:
        return _AROUND_NOWRUZ
    return _BEFORE_NOWRUZ if date.month == 12 else 1
