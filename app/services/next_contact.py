"""The next contact that a result title suggests."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.lib.clock import now
from app.lib.jalali import format_datetime
from app.services.working_time import next_working_morning
from models.organization import Organization
from models.result_title import ResultTitle, SuggestedTime


def suggestion_of(title: ResultTitle, organization: Organization) -> str | None:
    """What *title* suggests, as a rule of `<j-date>`: ``hours:3``, or ``at:`` with a Jalali time."""
    unit = title.suggested_time
    if unit is None or title.kind.closes:
        return None
    if unit is SuggestedTime.MORNING:
        return f"at:{format_datetime(next_working_morning(organization))}"
    return f"{unit.value}:{title.suggested_count}"


def suggested_moment(title: ResultTitle, organization: Organization) -> datetime | None:
    """The moment that *title* suggests now."""
    unit = title.suggested_time
    if unit is None or title.kind.closes:
        return None
    if unit is SuggestedTime.MORNING:
        return next_working_morning(organization)
    return now() + timedelta(**{unit.value: title.suggested_count or 0})
