"""The declaration of the overall report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.lib.jalali import day_and_month, to_jalali
from app.lib.persian import group_number, persian_digits
from app.lib.process.collector import paused_collector
from app.panel.access import Access
from app.panel.report.reading import Range
from app.panel.report.report import Report
from app.panel.report.words import Answer, Asked, Chart, Measure, MeasureKind, ReportRow, RowsBy
from app.services.report.cells import name_of
from app.services.report.numbers import Number, State
from app.services.report.summary import lines_of
from views import groups
from views.report_choices import FILTERS, question_of
from views.reports.overall.figures import Overall, member_label, month_label
from views.reports.overall.parts import number_parts, wide_parts
from views.reports.overall.rows import rows_behind
from views.reports.overall.work import hours, sms

_MONTHS = 12


def overall(asked: Asked) -> Answer:
    """The figures of the numbers assigned in the range, and of the work in it."""
    # A long range makes an object for each of a hundred thousand numbers.
    with paused_collector():
        return _answer(asked, Overall(question_of(asked)))


def overall_in_steps(asked: Asked) -> Generator[int, None, Answer]:
    """The same figures; yields the number of read numbers."""
    all_of = Overall(question_of(asked))
    with paused_collector():
        yield from all_of.read()
        return _answer(asked, all_of)


def _answer(asked: Asked, all_of: Overall) -> Answer:
    work = [sms(all_of.question), hours(all_of.question)]
    parts = [*number_parts(all_of), work[0], *wide_parts(all_of), work[1]]
    return Answer(
        rows=_rows(all_of, asked.by),
        whole=ReportRow(0, "", values_of(all_of.numbers), cell=""),
        chart=_week_rows(all_of, fill=True),
        chart_title=str(_("Each week of assignment")),
        # Calls and messages may exist in a range without a new number.
        parts=parts if all_of.numbers else [each for each in work if each.is_worked],
    )


def size_of(asked: Asked) -> int:
    """The assigned lines of the range."""
    return lines_of(question_of(asked))


def values_of(numbers: Sequence[Number]) -> dict[str, int]:
    found = Counter(each.state for each in numbers)
    return {
        "numbers": len(numbers),
        "called": sum(1 for each in numbers if each.calls),
        "new": found[State.NEW],
        "open": found[State.OPEN],
        "bought": found[State.BOUGHT],
        "lost": found[State.LOST],
        "invalid": found[State.INVALID],
    }


def _rows(all_of: Overall, by: str) -> list[ReportRow]:
    if by == "week":
        return _week_rows(all_of, fill=False)
    groups_of: dict[int, list[Number]] = {}
    for each in all_of.numbers:
        groups_of.setdefault(each.month if by == "month" else each.member_id, []).append(each)
    if by == "month":
        return [
            ReportRow(place, month_label(all_of.months[place]), values_of(found), cell=name_of(month=place))
            for place, found in sorted(groups_of.items())
        ]
    rows = [
        ReportRow(key, member_label(key), values_of(found), cell=name_of(member=key))
        for key, found in groups_of.items()
    ]
    return sorted(rows, key=lambda row: (-row.values["numbers"], row.label, row.key))


def _week_rows(all_of: Overall, *, fill: bool) -> list[ReportRow]:
    found: dict[int, list[Number]] = {}
    for each in all_of.numbers:
        found.setdefault(each.week, []).append(each)
    rows, shown_month = [], 0
    for place, week in enumerate(all_of.weeks):
        if place not in found and not fill:
            continue
        month = to_jalali(week.first).month
        mark = day_and_month(week.first).partition(" ")[2] if month != shown_month else ""
        shown_month = month
        label = _("%(first)s until %(last)s", first=day_and_month(week.first), last=day_and_month(week.last))
        note = "" if week.is_whole else str(_("part of a week"))
        tick = persian_digits(to_jalali(week.first).day)
        values = values_of(found.get(place, []))
        rows.append(ReportRow(place, label, values, note, tick=tick, mark=mark, cell=name_of(week=place)))
    return rows


class OverallReport(Report):
    """Own numbers for a consultant, those of the organisation for a manager."""

    slug = "reports/overall"
    title = _l("Overall report")
    group, icon, menu_order = groups.REPORTS, "report-analytics", 310

    of, steps_of, rows_of, size_of = overall, overall_in_steps, rows_behind, size_of
    by = (
        RowsBy("member", _l("Consultant")),
        RowsBy("month", _l("Month")),
        RowsBy("week", _l("Week")),
    )
    measures = (
        Measure("numbers", _l("Numbers"), cell=""),
        Measure("called", _l("Called"), cell=name_of(called=1), is_wide=True),
        Measure("new", _l("Without a call"), cell=name_of(state=State.NEW.value), is_wide=True),
        Measure("open", _l("In progress"), cell=name_of(state=State.OPEN.value)),
        Measure("bought", _l("Has bought"), cell=name_of(state=State.BOUGHT.value)),
        Measure("lost", _l("Lost"), cell=name_of(state=State.LOST.value), is_wide=True),
        Measure("invalid", _l("Invalid"), cell=name_of(state=State.INVALID.value), is_wide=True),
        Measure("conversion", _l("Conversion"), MeasureKind.SHARE, of="bought", per="numbers"),
    )
    filters = FILTERS
    total = _l("Total")
    chart = Chart(back="numbers", front="bought", share="conversion")
    most_months = _MONTHS
    ranges = (Range.RECENT, Range.THIS_MONTH, Range.LAST_MONTH, Range.THREE_MONTHS)

    roles = {
        "Consultant": Access.actions("list"),
        "Manager": Access.actions("list", "export"),
    }

    def too_long(self, last: str) -> str:
        return str(_("The range is at most twelve months; the last possible day is %(last)s.", last=last))

    def sentence(self, asked: Asked, answer: Answer) -> str:
        values = answer.whole.values
        if not values["numbers"]:
            return str(_("No number was assigned in this range."))
        return str(
            _(
                "Of %(numbers)s numbers, %(called)s were called, %(bought)s bought and %(open)s are still open.",
                numbers=group_number(values["numbers"]),
                called=group_number(values["called"]),
                bought=group_number(values["bought"]),
                open=group_number(values["open"] + values["new"]),
            )
        )
