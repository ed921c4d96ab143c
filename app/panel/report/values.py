"""The values of measures: computed shares and means, and their texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.lib.money import Currency, format_amount
from app.lib.persian import group_number, persian_digits
from app.panel.formatting import NOTHING
from app.panel.report.shares import tenths
from app.panel.report.words import Measure, MeasureKind, ReportRow

_RIALS_OF_A_TOMAN = 10


def value_of(measure: Measure, row: ReportRow) -> int | float | None:
    """The value of *measure* in *row*; None for a share of nothing, and for a measure that the row does not have."""
    if row.shown is not None and measure.name not in row.shown:
        return None
    if measure.kind is MeasureKind.NUMBER or measure.kind is MeasureKind.MONEY:
        return row.values.get(measure.name)
    part, whole = row.values.get(measure.of), row.values.get(measure.per)
    if part is None or not whole:
        return None
    if measure.kind is MeasureKind.MEAN:
        return (2 * part + whole) // (2 * whole)
    return tenths(part, whole) / 10


def percent(value: float) -> str:
    """A share as «۱۵٫۹٪»."""
    return persian_digits(f"{value:.1f}").replace(".", "٫") + "٪"


def text_of(measure: Measure, row: ReportRow, currency: Currency) -> str:
    """The text of a value; a line for a share of nothing, and empty for a measure that the row does not have."""
    return text_of_value(measure, row, value_of(measure, row), currency)


def text_of_value(measure: Measure, row: ReportRow, value: float | None, currency: Currency) -> str:
    """The text of the *value* that `value_of` returned for *row*."""
    if value is None:
        is_shown = row.shown is None or measure.name in row.shown
        return NOTHING if is_shown else ""
    if measure.kind is MeasureKind.SHARE:
        return percent(value)
    if measure.kind is MeasureKind.NUMBER:
        return group_number(int(value))
    return format_amount(amount_of(measure, int(value), currency), currency)


def amount_of(measure: Measure, rials: int, currency: Currency) -> int:
    """The amount in whole rials; a mean is rounded to the unit that is shown."""
    if measure.kind is MeasureKind.MEAN and currency is Currency.TOMAN:
        return (rials + _RIALS_OF_A_TOMAN // 2) // _RIALS_OF_A_TOMAN * _RIALS_OF_A_TOMAN
    return rials


def sum_of(rows: Iterable[ReportRow], measures: Sequence[Measure], label: str) -> ReportRow:
    """The sum of *rows*, from which shares and means are computed again."""
    counted = [each.name for each in measures if each.kind in {MeasureKind.NUMBER, MeasureKind.MONEY}]
    values = dict.fromkeys(counted, 0)
    for row in rows:
        for name in counted:
            values[name] += row.values.get(name, 0)
    return ReportRow(0, label, values)
