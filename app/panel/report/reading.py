"""Reads the address of a report: range, rows, filters and switches, with a message at each wrong field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app.lib.jalali import (
    JalaliError,
    add_months,
    day_and_month,
    format_date,
    month_start,
    parse_date,
    today,
    week_start,
)
from app.panel.messages import explain
from app.panel.report.words import Asked, ReportFilter

FROM, TO, RANGE, BY = "from", "to", "range", "by"
_DAY = timedelta(days=1)
# No address needs more; a longer text is cut before it is shown again.
_MOST_TYPED = 40


class Range(Enum):
    """A range of days that moves with the calendar; months are Jalali, weeks begin on Saturday."""

    YESTERDAY = "yesterday"
    LAST_WEEK = "last_week"
    THIS_MONTH = "this_month"
    RECENT = "recent"
    LAST_MONTH = "last_month"
    THREE_MONTHS = "three_months"
    FOUR_MONTHS = "four_months"

    @property
    def label(self) -> LazyString:
        return _LABELS[self]

    def fits(self, most_months: int | None) -> bool:
        """Whether a report of at most so many months can show the range."""
        months = _MONTHS.get(self, 1) + (self is Range.RECENT)
        return most_months is None or months <= most_months

    def days_on(self, day: date) -> tuple[date, date]:
        """The first and the last day, as seen on *day*; a range with this month ends on it."""
        if self is Range.YESTERDAY:
            return day - _DAY, day - _DAY
        if self is Range.LAST_WEEK:
            return week_start(day) - 7 * _DAY, week_start(day) - _DAY
        this = month_start(day)
        if self in {Range.THIS_MONTH, Range.RECENT}:
            return add_months(this, -_MONTHS.get(self, 0)), day
        return add_months(this, -_MONTHS[self]), this - _DAY


def range_of(text: str) -> Range | None:
    """The range with that value; None for any other text."""
    return next((each for each in Range if each.value == text), None)


_LABELS = {
    Range.YESTERDAY: _l("Yesterday"),
    Range.LAST_WEEK: _l("Last week"),
    Range.THIS_MONTH: _l("This month"),
    Range.RECENT: _l("This month and the two before"),
    Range.LAST_MONTH: _l("Last month"),
    Range.THREE_MONTHS: _l("Last three months"),
    Range.FOUR_MONTHS: _l("Last four months"),
}
_MONTHS = {Range.RECENT: 2, Range.LAST_MONTH: 1, Range.THREE_MONTHS: 3, Range.FOUR_MONTHS: 4}


@dataclass(frozen=True)
class Repair:
    """An address that corrects a field, and the words of its link."""

    words: str
    arguments: Mapping[str, str]


@dataclass
class Reading:
    """What was read; `asked` is None where a field is wrong."""

    asked: Asked | None = None
    preset: Range | None = None
    typed: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    repair: Repair | None = None
    options: dict[str, Sequence[tuple[int, str]]] = field(default_factory=dict)


def read(report: Any, arguments: MultiDict[str, str]) -> Reading:
    """Read *arguments* for *report*; unknown rows and ranges are those by default."""
    reading = Reading()
    first, last = _days(report, arguments, reading)
    chosen: dict[str, int] = {}
    for each in report.filters:
        _choose(each, arguments, reading, chosen)
    keys = [each.key for each in report.by]
    by = arguments.get(BY, "")
    on = frozenset(each.name for each in report.switches if arguments.get(each.name) == "1")
    if not reading.problems and first and last:
        reading.asked = Asked(first, last, by if by in keys else keys[0], chosen, on)
    return reading


def _choose(
    each: ReportFilter, arguments: MultiDict[str, str], reading: Reading, chosen: dict[str, int]
) -> None:
    options = each.options()
    reading.options[each.name] = options or ()
    text = arguments.get(each.name, "").strip()
    # Of a deleted value a mail would have the figures of all, also where no other value is left.
    if not text or options is None:
        return
    reading.typed[each.name] = text[:_MOST_TYPED]
    found = next((key for key, _label in options if str(key) == text), None)
    if found is None:
        reading.problems[each.name] = _("This choice does not exist.")
    else:
        chosen[each.name] = found


def _days(report: Any, arguments: MultiDict[str, str], reading: Reading) -> tuple[date | None, date | None]:
    typed = {name: arguments.get(name, "").strip()[:_MOST_TYPED] for name in (FROM, TO)}
    if not any(typed.values()):
        wanted = range_of(arguments.get(RANGE, ""))
        known = wanted is not None and (wanted in report.ranges or wanted.fits(report.most_months))
        reading.preset = wanted if wanted is not None and known else report.ranges[0]
        begins, ends = reading.preset.days_on(today())
        reading.typed |= {FROM: format_date(begins), TO: format_date(ends)}
        return begins, ends
    reading.typed |= typed
    days = {name: _day(name, text, reading) for name, text in typed.items()}
    first, last = days[FROM], days[TO]
    if first and last:
        reading.preset = next(
            (each for each in report.ranges if each.days_on(today()) == (first, last)), None
        )
        _check_range(report, first, last, arguments, reading)
    return first, last


def _day(name: str, text: str, reading: Reading) -> date | None:
    if not text:
        reading.problems[name] = _("Please fill in this field.")
        return None
    try:
        return parse_date(text)
    except JalaliError as error:
        reading.problems[name] = explain(error)
        return None


def _check_range(
    report: Any, first: date, last: date, arguments: MultiDict[str, str], reading: Reading
) -> None:
    if last < first:
        reading.problems[TO] = _("The last day is before the first day.")
        return
    if report.most_months is None:
        return
    allowed = add_months(first, report.most_months) - _DAY
    if last > allowed:
        reading.problems[TO] = report.too_long(day_and_month(allowed, with_year=True))
        words = _("Make it %(day)s", day=day_and_month(allowed))
        reading.repair = Repair(words, {**arguments.to_dict(), TO: format_date(allowed)})
