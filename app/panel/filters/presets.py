"""The named spans of a date filter: today, this week, last month."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import lazy_gettext as _l

from app.lib.jalali import add_months, month_start, today, week_start
from models.types import Choice


class Preset(Choice):
    """Ranges of dates relative to today, so that a saved view stays current."""

    TODAY = "today", _l("Today")
    YESTERDAY = "yesterday", _l("Yesterday")
    THIS_WEEK = "this_week", _l("This week")
    THIS_MONTH = "this_month", _l("This month")
    LAST_MONTH = "last_month", _l("Last month")
    TOMORROW = "tomorrow", _l("Tomorrow")
    NEXT_7_DAYS = "next_7_days", _l("Next 7 days")
    NEXT_30_DAYS = "next_30_days", _l("Next 30 days")
    NEXT_MONTH = "next_month", _l("Next month")
    OVERDUE = "overdue", _l("Overdue")

    def days(self) -> tuple[date, date]:
        """The first and last day in Tehran; not for `OVERDUE`, which has no first day (see `_read_preset`)."""
        day = today()
        if self in FROM_TODAY:
            first, last = FROM_TODAY[self]
            return day + timedelta(days=first), day + timedelta(days=last)
        if self is Preset.THIS_WEEK:
            return week_start(day), week_start(day) + timedelta(days=6)
        first_day = add_months(month_start(day), MONTHS[self])
        return first_day, add_months(first_day, 1) - timedelta(days=1)


# First and last day as distances from today; «next» days begin tomorrow.
FROM_TODAY = {
    Preset.TODAY: (0, 0),
    Preset.YESTERDAY: (-1, -1),
    Preset.TOMORROW: (1, 1),
    Preset.NEXT_7_DAYS: (1, 7),
    Preset.NEXT_30_DAYS: (1, 30),
}
MONTHS = {Preset.LAST_MONTH: -1, Preset.THIS_MONTH: 0, Preset.NEXT_MONTH: 1}
