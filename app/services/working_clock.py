"""The working time between two moments, by the days and hours of an organisation and its holidays."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, time, timedelta

from app.lib.jalali import instant, start_of_day
from app.services.working_time import is_working_day
from models.organization import Organization

_DAY = timedelta(days=1)


class WorkingClock:
    """Counts the working seconds of the days from *first* to *last*; moments are seconds since 1970."""

    def __init__(self, organization: Organization, first: date, last: date) -> None:
        starts, ends = organization.works_from or time.min, organization.works_until or time.max
        self._midnights: list[float] = []
        self._hours: list[tuple[float, float]] = []
        self._before: list[float] = []
        passed, day = 0.0, first
        while day <= last:
            midnight = start_of_day(day).timestamp()
            hours = (midnight, midnight)
            if is_working_day(organization, day):
                hours = instant(day, starts).timestamp(), instant(day, ends).timestamp()
            self._midnights.append(midnight)
            self._hours.append(hours)
            self._before.append(passed)
            passed += hours[1] - hours[0]
            day += _DAY

    def between(self, earlier: float, later: float) -> int:
        """The working seconds from *earlier* to *later*; none where *later* comes first."""
        return max(0, int(self._passed(later) - self._passed(earlier)))

    def _passed(self, moment: float) -> float:
        place = bisect_right(self._midnights, moment) - 1
        if place < 0:
            return 0.0
        opens, closes = self._hours[place]
        return self._before[place] + min(max(moment - opens, 0.0), closes - opens)
