"""The page of a report: what its template shows, as texts and addresses; it runs no queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.lib.jalali import day_and_month
from app.lib.money import Currency
from app.panel.export.made import MadePage
from app.panel.filters.form import FilterInput
from app.panel.formatting import currency_unit
from app.panel.report.chart import Picture, draw
from app.panel.report.parts import Linker, ShownPart
from app.panel.report.reading import BY, FROM, RANGE, TO, Reading
from app.panel.report.values import sum_of, text_of_value, value_of
from app.panel.report.words import Answer, Asked, Measure, MeasureKind, ReportRow
from app.panel.view_models import ValueLink

# The width of the longest bar in the table.
BAR = 200


class ReportCell(NamedTuple):
    """A value of the table; `bar` is the width of its bar of `BAR`, for shares."""

    text: str
    is_wide: bool
    is_zero: bool = False
    bar: int | None = None
    url: str = ""


@dataclass(frozen=True)
class ShownRow:
    key: int
    label: str
    cells: Sequence[ReportCell]
    note: str = ""


@dataclass(frozen=True)
class Heading:
    label: str
    hint: str
    is_wide: bool


@dataclass(frozen=True)
class ShownTable:
    """A table with its totals; `first` is the heading of the rows. The keys of a chart are places in time, no rows."""

    first: str
    headings: Sequence[Heading]
    rows: Sequence[ShownRow]
    totals: Sequence[ShownRow] = ()
    has_keys: bool = True


@dataclass(frozen=True)
class Selection:
    """A filter of one value."""

    name: str
    label: str
    everything: str
    options: Sequence[tuple[int, str]]
    value: str
    error: str


@dataclass(frozen=True)
class ReportForm:
    """The bar of filters."""

    presets: Sequence[ValueLink]
    days: Sequence[FilterInput]
    selections: Sequence[Selection]
    switches: Sequence[ValueLink]
    carried: Sequence[tuple[str, str]]
    repair: ValueLink | None


@dataclass(frozen=True)
class ReportPage:
    """A report; without an answer only the form, whose range was refused."""

    title: str
    # None for the figures alone.
    form: ReportForm | None
    # The filters in words, for the printed page.
    chosen: str
    export_url: str | None
    # The dialog of the saved reports.
    saved_url: str
    sentence: str = ""
    facts: Sequence[str] = ()
    table: ShownTable | None = None
    rows_by: Sequence[ValueLink] = ()
    chart: Picture | None = None
    chart_title: str = ""
    chart_table: ShownTable | None = None
    # The labels of the pale and of the full bars.
    legend: Sequence[str] = ()
    parts: Sequence[ShownPart] = ()
    # What stands in place of the figures of a long range.
    made: MadePage | None = None


def address(base_url: str, arguments: Mapping[str, str]) -> str:
    return f"{base_url}?{urlencode({name: value for name, value in arguments.items() if value})}"


def form_of(report: Any, reading: Reading, arguments: MultiDict[str, str]) -> ReportForm:
    """The form with what was typed, and links that act at once and leave the rest as it is."""
    given = {name: value for name, value in arguments.items() if name in argument_names(report)}
    moving = {name: value for name, value in given.items() if name not in {FROM, TO, RANGE}}
    presets = [
        ValueLink(
            str(each.label),
            address(report.base_url, {**moving, RANGE: each.value}),
            each is reading.preset,
        )
        for each in report.ranges
    ]
    switches = [_switch(report, each, given) for each in report.switches]
    selections = [
        Selection(
            each.name,
            str(each.label),
            str(each.everything),
            reading.options[each.name],
            reading.typed.get(each.name, ""),
            reading.problems.get(each.name, ""),
        )
        for each in report.filters
        if reading.options[each.name] or each.name in reading.problems
    ]
    days = [
        FilterInput(name, "date", label, reading.typed.get(name, ""), error=reading.problems.get(name, ""))
        for name, label in ((FROM, _("From day")), (TO, _("Until day")))
    ]
    names = {BY, *(each.name for each in report.switches)}
    carried = [(name, value) for name, value in given.items() if name in names]
    repair = reading.repair and ValueLink(
        reading.repair.words, address(report.base_url, reading.repair.arguments), False
    )
    return ReportForm(presets, days, selections, switches, carried, repair or None)


def argument_names(report: Any) -> set[str]:
    """The arguments of the address that the report reads."""
    own = {each.name for each in (*report.filters, *report.switches)}
    return {FROM, TO, RANGE, BY, *own}


def _switch(report: Any, each: Any, given: Mapping[str, str]) -> ValueLink:
    is_on = given.get(each.name) == "1"
    return ValueLink(
        str(each.label), address(report.base_url, {**given, each.name: "" if is_on else "1"}), is_on
    )


def rows_by(report: Any, asked: Asked, arguments: MultiDict[str, str]) -> list[ValueLink]:
    given = {name: value for name, value in arguments.items() if name in argument_names(report)}
    return [
        ValueLink(str(each.label), address(report.base_url, {**given, BY: each.key}), each.key == asked.by)
        for each in report.by
    ]


def in_words(report: Any, asked: Asked, reading: Reading) -> str:
    """The range and the filters in one line."""
    parts = [
        _(
            "From %(first)s until %(last)s",
            first=day_and_month(asked.first, with_year=True),
            last=day_and_month(asked.last, with_year=True),
        )
    ]
    for each in report.filters:
        if each.name in asked.chosen:
            names = dict(reading.options[each.name])
            parts.append(f"{each.label}: {names[asked.chosen[each.name]]}")
    parts += [str(each.label) for each in report.switches if each.name in asked.on]
    return " · ".join(parts)


def linker(report: Any, arguments: MultiDict[str, str]) -> Linker:
    """What makes the addresses of the rows behind figures."""
    given = {name: value for name, value in arguments.items() if name in argument_names(report)}
    return Linker(report.base_url if report.rows_of else "", given)


def table_of(report: Any, answer: Answer, first: str, currency: Currency, url_of: Linker) -> ShownTable:
    """The table of the report, with the sum of its rows and further totals."""
    whole = replace(sum_of(answer.rows, report.measures, str(report.total)), cell=answer.whole.cell)
    totals = [whole, *answer.totals] if report.total else []
    return ShownTable(
        first,
        headings_of(report.measures, currency),
        _shown(answer.rows, report.measures, currency, url_of),
        _shown(totals, report.measures, currency, url_of, has_bars=False),
    )


def chart_parts(
    report: Any, answer: Answer, currency: Currency, url_of: Linker
) -> tuple[Picture | None, ShownTable | None]:
    """The picture of the chart and its data table; neither where there is nothing to draw."""
    picture = draw(report.chart, answer.chart) if report.chart else None
    if picture is None:
        return None, None
    rows = _shown(answer.chart, report.measures, currency, url_of, has_bars=False)
    headings = headings_of(report.measures, currency)
    return picture, ShownTable(answer.chart_title, headings, rows, has_keys=False)


def legend_of(report: Any) -> list[str]:
    labels = {each.name: str(each.label) for each in report.measures}
    return [labels[report.chart.back], labels[report.chart.front]] if report.chart else []


def headings_of(measures: Sequence[Measure], currency: Currency) -> list[Heading]:
    return [
        Heading(label_of(each, currency), str(each.hint) if each.hint else "", each.is_wide)
        for each in measures
    ]


def label_of(measure: Measure, currency: Currency) -> str:
    """The label of a measure; that of an amount with its unit."""
    is_money = measure.kind in {MeasureKind.MONEY, MeasureKind.MEAN}
    return f"{measure.label} ({currency_unit(currency)})" if is_money else str(measure.label)


def _shown(
    rows: Sequence[ReportRow],
    measures: Sequence[Measure],
    currency: Currency,
    url_of: Linker,
    *,
    has_bars: bool = True,
) -> list[ShownRow]:
    longest = {
        each.name: max((value_of(each, row) or 0 for row in rows), default=0)
        for each in measures
        if each.kind is MeasureKind.SHARE and has_bars
    }
    return [
        ShownRow(
            row.key,
            row.label,
            [_cell(each, row, currency, longest.get(each.name), url_of) for each in measures],
            row.note,
        )
        for row in rows
    ]


def _cell(
    measure: Measure, row: ReportRow, currency: Currency, longest: float | None, url_of: Linker
) -> ReportCell:
    value = value_of(measure, row)
    bar = None if longest is None else round(BAR * (value or 0) / longest) if longest else 0
    url = url_of(cell_of(measure, row), row.values.get(measure.name)) if value else ""
    return ReportCell(text_of_value(measure, row, value, currency), measure.is_wide, value == 0, bar, url)


def cell_of(measure: Measure, row: ReportRow) -> str | None:
    """The name of the rows behind a figure of the table."""
    if measure.cell is None or row.cell is None:
        return None
    return ".".join(each for each in (measure.cell, row.cell) if each)
