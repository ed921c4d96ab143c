"""The parts of a dashboard that cost more than the rest: each is loaded after the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _

from app.lib.jalali import WEEKDAYS, today
from app.panel.actor import member_id, sees_own_rows_only
from app.panel.report.shares import percents
from app.services.report import contact
from app.services.report.contact import Answers
from app.services.report.spans import last_days
from app.services.report.team import FEW_NUMBERS, Standing, TeamMember, league, team
from views.day.dashboard.changes import Change, change_of, than_span
from views.day.dashboard.choice import Choice, read_choice
from views.day.dashboard.consultant import RESULT_DAYS, result_lines
from views.day.dashboard.words import (
    address,
    may_see_sales,
    minutes_words,
    percent,
    sales_address,
    span_words,
    whole_percent,
)

_ANSWER_DAYS = 90
# Fewer calls say nothing about an hour.
_FEW_CALLS = 8
_HOURS = range(8, 22)
_HEATS = 6


def results_parts(given: dict[str, str], _base_url: str) -> dict[str, Any]:
    """The share of results: of the last days for a consultant, of the chosen span for a manager."""
    if sees_own_rows_only():
        return result_lines(member_id(), last_days(today(), RESULT_DAYS)) | {"days": RESULT_DAYS}
    choice = read_choice(given, team(counts_late=False))
    return result_lines(choice.of, choice.span) | {"span_words": span_words(choice.span)}


def league_parts(given: dict[str, str], _base_url: str) -> dict[str, Any]:
    members = team()
    choice = read_choice(given, members)
    table = league(choice.span, [each for each in members if choice.of in {None, each.id}])
    most = max((row.sales / row.numbers for row in table.rows if row.numbers >= FEW_NUMBERS), default=0)
    numbers = sum(row.numbers for row in table.rows)
    return {
        "rows": [_league_row(row, most, choice) for row in table.rows],
        "total": _league_row(_sum_of(table.rows), most, choice) if len(table.rows) > 1 else None,
        "has_sales": may_see_sales(),
        # The customers of one consultant are their numbers.
        "customers": table.customers if choice.of is None else numbers,
        "several": numbers - table.customers if choice.of is None else 0,
        "few": FEW_NUMBERS,
    }


def _sum_of(rows: list[Standing]) -> Standing:
    total = TeamMember(
        0, "", is_active=True, is_present=True, late=sum(row.member.late for row in rows), oldest=None
    )
    sums = [
        sum(getattr(row, name) for row in rows)
        for name in ("numbers", "calls", "answered", "sales", "amount")
    ]
    return Standing(total, *sums)


def _league_row(row: Standing, most: float, choice: Choice) -> dict[str, Any]:
    member = row.member
    part = row.sales / row.numbers / most if row.numbers >= FEW_NUMBERS and most else None
    of = member.id or choice.of
    return {
        "standing": row,
        "answered": whole_percent(row.answered, row.calls),
        "conversion": percent(row.sales, row.numbers),
        "part": part,
        "is_few": row.numbers < FEW_NUMBERS,
        "sales_url": sales_address(choice.span, of) if row.sales else None,
        "late_url": address("follow-ups", tab="due", f_next_at="overdue", f_consultant=of)
        if member.late
        else None,
    }


def contact_parts(given: dict[str, str], _base_url: str) -> dict[str, Any]:
    choice = read_choice(given, team(counts_late=False))
    steps, median = contact.first_contact(choice.of, choice.span)
    change = None
    if median is not None:
        before = contact.first_contact(choice.of, choice.before).median
        change = _median_change(median, before, choice) if before is not None else None
    most = max((step.count for step in steps), default=0)
    labels = (
        _("under 5 minutes"),
        _("5 to 15 minutes"),
        _("15 to 60 minutes"),
        _("1 to 4 hours"),
        _("later on the same day"),
        _("on later days"),
        _("no contact yet"),
    )
    lines = [
        {
            "label": label,
            "count": step.count,
            "part": step.count / most if most else 0,
            "share": whole_percent(step.won, step.count),
            "is_missing": number == len(labels) - 1,
        }
        for number, (label, step) in enumerate(zip(labels, steps, strict=True))
    ]
    return {
        "lines": lines,
        "has_any": most > 0,
        "median": minutes_words(median) if median is not None else "",
        "change": change,
        "span_words": span_words(choice.span),
    }


def _median_change(median: int, before: int, choice: Choice) -> Change:
    change = change_of(median, before, than_span(choice.before), minutes_words)
    # Less time is better.
    return replace(change, is_good=None if change.is_good is None else not change.is_good)


def answers_parts(given: dict[str, str], _base_url: str) -> dict[str, Any]:
    choice = read_choice(given, team(counts_late=False))
    found = contact.answers(choice.of, last_days(today(), _ANSWER_DAYS))
    rates = {key: each.answered / each.calls for key, each in found.items() if each.calls >= _FEW_CALLS}
    least, most = min(rates.values(), default=0), max(rates.values(), default=0)
    days = [
        (WEEKDAYS[day], [_heat(found.get((day, hour)), least, most) for hour in _HOURS])
        for day in range(7)
        if rates and any((day, hour) in found for hour in _HOURS)
    ]
    by_hour = {
        hour: Answers(
            sum(each.calls for (_day, at), each in found.items() if at == hour),
            sum(each.answered for (_day, at), each in found.items() if at == hour),
        )
        for hour in _HOURS
    }
    known = {hour: each.answered / each.calls for hour, each in by_hour.items() if each.calls >= _FEW_CALLS}
    return {
        "few": _FEW_CALLS,
        "hours": list(_HOURS),
        "days": days,
        "all": [_heat(by_hour[hour], least, most) for hour in _HOURS],
        "best": max(known, key=lambda hour: known[hour]) if known else None,
        "worst": min(known, key=lambda hour: known[hour]) if known else None,
    }


def _heat(answers: Answers | None, least: float, most: float) -> dict[str, Any]:
    """A cell: the share of answered calls, and its step among six; step 0 has too few calls."""
    if answers is None or answers.calls < _FEW_CALLS:
        return {"step": 0, "share": None, "calls": answers.calls if answers else 0}
    rate = answers.answered / answers.calls
    step = 1 + min(int((rate - least) / ((most - least) or 1) * _HEATS), _HEATS - 1)
    return {"step": max(step, 1), "share": percents(answers.answered, answers.calls), "calls": answers.calls}
