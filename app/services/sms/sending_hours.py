"""Sending hours of an organisation in Tehran time, with its closed days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from app.lib.jalali import TEHRAN
from app.services.working_time import is_free_day, is_holiday
from models.organization import Organization

# The number of days that are searched for an opening.
_DAYS = 62
_NEVER = timedelta(days=3650)


def is_open(organization: Organization, moment: datetime) -> bool:
    return next_opening(organization, moment) <= moment


def next_opening(organization: Organization, moment: datetime) -> datetime:
    """*moment* when it is within the sending hours, else the next opening."""
    local = moment.astimezone(TEHRAN)
    starts, ends = organization.sending_from, organization.sending_until
    for ahead in range(_DAYS):
        day = local.date() + timedelta(days=ahead)
        if is_closed(organization, day):
            continue
        for first, last in _spans(starts, ends):
            opens, closes = _at(day, first), _end(day, last)
            if moment < closes:
                return max(opens, moment)
    return moment + _NEVER


def is_closed(organization: Organization, day: date) -> bool:
    """Whether no SMS is sent on *day*: a holiday, or a free day of the week where these are left out too."""
    is_left_out = organization.sends_on_free_days is False and is_free_day(organization, day)
    return is_holiday(organization, day) or is_left_out


def _spans(starts: time, ends: time) -> list[tuple[time, time]]:
    """The open spans of one day; hours may cross midnight, and equal ends mean all day."""
    if starts == ends:
        return [(time(), time())]
    return [(starts, ends)] if starts < ends else [(time(), ends), (starts, time())]


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, TEHRAN).astimezone(UTC)


def _end(day: date, clock: time) -> datetime:
    """The end of a span; midnight means the end of *day*."""
    return _at(day + timedelta(days=1), clock) if clock == time() else _at(day, clock)
