"""The figures of the final sales report, with the names of the rows behind them."""

from __future__ import annotations

from flask_babel import gettext as _

from app.lib.jalali import day_and_month, to_jalali
from app.lib.persian import persian_digits
from app.panel.report.shares import tenths
from app.panel.report.words import Answer, Asked, ReportRow
from app.services.report.behind import DISTINCT, EACH, NONE, Figure
from app.services.report.cells import name_of
from app.services.report.figures import tables_of
from app.services.report.periods import Grain
from app.services.report.question import Figures, Group, Question, Table
from views.report_choices import question_of as question_of_filters
from views.reports.final_sales.labels import label_of, period_label, period_note

SAME_NUMBERS = "same_numbers"
# A range up to a month is drawn by day, a longer one by week.
_MOST_DAYS = 31


def question_of(asked: Asked) -> Question:
    """What the range, the filters and the switch ask for."""
    return question_of_filters(asked, same_numbers=SAME_NUMBERS in asked.on)


def final_sales(asked: Asked) -> Answer:
    """The figures of spec 4.5 for the acting member."""
    question = question_of(asked)
    group = Group(asked.by)
    drawn = Group.DAY if (asked.last - asked.first).days < _MOST_DAYS else Group.WEEK
    total, [table, times] = tables_of(question, [group, drawn])
    distinct = ReportRow(
        0,
        _("Distinct customers"),
        {"numbers": total.customers, "sales": total.sales},
        shown=frozenset({"numbers", "conversion"}),
        cell=name_of(**{DISTINCT: Figure.CUSTOMERS.value}),
    )
    return Answer(
        rows=_rows(question, group, table),
        # The table shows the sum of its rows in its place.
        whole=ReportRow(0, "", _values(total), cell=name_of(**{EACH: group.value})),
        totals=[distinct],
        chart=_period_rows(question, drawn, times, fill=True),
        chart_title=_("Each day") if drawn is Group.DAY else _("Each week"),
    )


def _values(figures: Figures) -> dict[str, int]:
    return {
        "numbers": figures.numbers,
        "held": figures.held,
        "sales": figures.sales,
        "refunded": figures.refunded,
        "amount": figures.amount,
    }


def _rows(question: Question, group: Group, table: Table) -> list[ReportRow]:
    if group.grain is not None:
        return _period_rows(question, group, table, fill=False)
    rows = [
        ReportRow(key or 0, label_of(question, group, key), _values(figures), cell=_cell(group, key))
        for key, figures in table.rows.items()
    ]
    return sorted(rows, key=_best_first)


def _cell(group: Group, key: int | None) -> str:
    return name_of(**{group.value: NONE if key is None else key})


def _best_first(row: ReportRow) -> tuple[int, int, str]:
    """The order of rows: by the share of sales, then by the numbers."""
    numbers = row.values["numbers"]
    return -tenths(row.values["sales"], numbers) if numbers else 1, -numbers, row.label


def _period_rows(question: Question, group: Group, table: Table, *, fill: bool) -> list[ReportRow]:
    """The rows in the order of time; with *fill* also those without a figure."""
    grain = group.grain or Grain.DAY
    rows, shown_month = [], 0
    for place, period in enumerate(question.periods(grain)):
        if place not in table.rows and not fill:
            continue
        month = to_jalali(period.first).month
        mark = day_and_month(period.first).partition(" ")[2] if month != shown_month else ""
        shown_month = month
        rows.append(
            ReportRow(
                place,
                period_label(period, grain),
                _values(table.rows.get(place, Figures())),
                period_note(period, grain),
                tick=persian_digits(to_jalali(period.first).day),
                mark=mark,
                cell=_cell(group, place),
            )
        )
    return rows
