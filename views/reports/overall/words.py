"""The conditions of a cell in words, for the title of its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext as _

from app.lib.persian import group_number
from app.services.report.cells import MOST_CALLS
from views.reports.overall.figures import NO_RESULT, STATES, WAIT_LABELS, Overall, member_label, month_label


def in_words(all_of: Overall, conditions: Mapping[str, str]) -> str | None:
    """The conditions, joined; None where no number could have one of the values."""
    words = [_condition(all_of, axis, value) for axis, value in conditions.items()]
    return " · ".join(words) if all(words) else None


def _condition(all_of: Overall, axis: str, value: str) -> str:
    if axis == "state":
        return next((str(label) for each, (label, _colour) in STATES.items() if each.value == value), "")
    # No link writes a key with leading zeros or in other digits.
    if not (value.isascii() and value.isdecimal() and str(int(value)) == value):
        return ""
    return _NUMBERED[axis](all_of, int(value))


def _result(all_of: Overall, key: int) -> str:
    return all_of.result_label(key) if key == NO_RESULT or key in all_of.titles else ""


def _week(all_of: Overall, place: int) -> str:
    return _("Week of %(day)s", day=all_of.week_label(place)) if place < len(all_of.weeks) else ""


def _month(all_of: Overall, place: int) -> str:
    return month_label(all_of.months[place]) if place < len(all_of.months) else ""


def _calls(_all_of: Overall, number: int) -> str:
    count = group_number(number)
    if number > MOST_CALLS:
        return ""
    if number == MOST_CALLS:
        return str(_("%(count)s calls and more", count=count))
    return str(_("%(count)s calls", count=count))


def _wait(_all_of: Overall, step: int) -> str:
    return _("First call: %(step)s", step=WAIT_LABELS[step]) if step < len(WAIT_LABELS) else ""


_NUMBERED: Mapping[str, Callable[[Overall, int], str]] = {
    "result": _result,
    "member": lambda _all_of, key: member_label(key),
    "week": _week,
    "month": _month,
    "calls": _calls,
    "wait": _wait,
    "within": lambda _all_of, days: str(_("Bought within %(days)s days", days=group_number(days))),
    "pending": lambda _all_of, is_on: str(_("Open follow-ups")) if is_on == 1 else "",
    "called": lambda _all_of, is_on: str((_("Without a call"), _("Called"))[is_on]) if is_on < 2 else "",
}
