"""The working days and hours of an organisation, and its holidays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import holidays
from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.lib.jalali import TEHRAN, month_bounds, to_jalali
from app.lib.persian import is_blank, persian_digits
from models.organization import WORKING_DAYS, Organization, Weekday

MOST_HOLIDAYS = 500
# The morning of the next working day, where these hours are within the working hours.
_MORNING = time(10)
# The number of days that are searched for a working day.
_DAYS = 62


def is_holiday(organization: Organization, day: date) -> bool:
    return day.isoformat() in (organization.holidays or {})


def is_free_day(organization: Organization, day: date) -> bool:
    """Whether the weekday of *day* is no working day."""
    days = WORKING_DAYS if organization.working_days is None else organization.working_days
    return Weekday.of(day).value not in days


def is_working_day(organization: Organization, day: date) -> bool:
    return not is_holiday(organization, day) and not is_free_day(organization, day)


def next_working_morning(organization: Organization) -> datetime:
    """10:00 in Tehran of the first working day after today; the begin of work where that is outside the hours."""
    today = now().astimezone(TEHRAN).date()
    days = (today + timedelta(days=ahead) for ahead in range(1, _DAYS))
    day = next((day for day in days if is_working_day(organization, day)), today + timedelta(days=1))
    return datetime.combine(day, _morning(organization), TEHRAN).astimezone(UTC)


def _morning(organization: Organization) -> time:
    starts, ends = organization.works_from, organization.works_until
    if starts is None or ends is None or starts <= _MORNING < ends:
        return _MORNING
    return starts


@cache
def official_holidays(year: int) -> Mapping[str, str]:
    """The official holidays of Iran in a Jalali year: the title by the ISO date."""
    first = month_bounds(year, 1)[0].astimezone(TEHRAN).date()
    last = month_bounds(year, 12)[1].astimezone(TEHRAN).date()
    found = holidays.country_holidays("IR", years=range(first.year, last.year + 1), language="fa_IR")
    return {day.isoformat(): _persian(title) for day, title in sorted(found.items()) if first <= day < last}


def _persian(title: str) -> str:
    """The title in the spelling of the panel."""
    return str(persian_digits(title.replace(";", "؛").replace("عیدنوروز", "عید نوروز")))


def add_official_holidays(organization: Organization, year: int) -> int:
    """Add the official holidays of a Jalali year; the number of new ones. Days that are there keep their titles."""
    _lock(organization)
    before = organization.holidays or {}
    _store(organization, {**official_holidays(year), **before})
    return len(organization.holidays) - len(before)


def add_holiday(organization: Organization, day: date, title: str) -> None:
    """Add a holiday. Raises `DomainError` for a day that is one."""
    _lock(organization)
    before = organization.holidays or {}
    if day.isoformat() in before:
        raise DomainError(_("This day is a holiday already."), field="day")
    if len(before) >= MOST_HOLIDAYS:
        raise DomainError(_("At most 500 holidays are stored; delete those of past years."), field="day")
    if is_blank(title):
        raise DomainError(_("Please fill in this field."), field="title")
    _store(organization, {**before, day.isoformat(): title})


def remove_holiday(organization: Organization, day: date) -> str | None:
    """Remove the holiday *day*; its title, None for a day that is none."""
    _lock(organization)
    before = dict(organization.holidays or {})
    title: str | None = before.pop(day.isoformat(), None)
    if title is not None:
        _store(organization, before)
    return title


def first_holidays() -> dict[str, str]:
    """The holidays of a new organisation: those of this Jalali year and the next."""
    this_year = to_jalali(now()).year
    return {**official_holidays(this_year), **official_holidays(this_year + 1)}


def years_without_holidays(organization: Organization) -> list[int]:
    """The Jalali years, this one and the next, of which no holiday is stored."""
    this_year = to_jalali(now()).year
    stored = {to_jalali(date.fromisoformat(day)).year for day in organization.holidays or {}}
    return [year for year in (this_year, this_year + 1) if year not in stored]


def _lock(organization: Organization) -> None:
    """Lock the organisation, so that two changes of its holidays are made one after the other."""
    db.session.refresh(organization, with_for_update=True)


def _store(organization: Organization, days: Mapping[str, str]) -> None:
    organization.holidays = dict(sorted(days.items()))
    db.session.flush()
