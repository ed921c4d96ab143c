"""The bars of a chart, drawn on the server from the rows of its data table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.lib.persian import group_number, persian_digits
from app.panel.report.shares import percents
from app.panel.report.words import Chart, ReportRow

HEIGHT = 100
_STEPS = 4
# The most bars with a label each; of more, some have none.
_MOST_LABELS = 18


@dataclass(frozen=True)
class Bar:
    """One period: the heights of both bars of 100, and the lines below them."""

    back: float
    front: float
    tick: str
    share: str
    mark: str
    words: str
    has_label: bool


@dataclass(frozen=True)
class Picture:
    """A chart: its bars in the order of time, and the values of its axis from above."""

    bars: Sequence[Bar]
    axis: Sequence[str]


def draw(chart: Chart, rows: Sequence[ReportRow]) -> Picture | None:
    """The picture of *rows*; None where there is nothing to draw."""
    most = max((max(row.values[chart.back], row.values[chart.front]) for row in rows), default=0)
    if not most:
        return None
    top = step_above(most / _STEPS) * _STEPS
    apart = -(-len(rows) // _MOST_LABELS)
    bars = [_bar(chart, row, top, has_label=place % apart == 0) for place, row in enumerate(rows)]
    axis = [group_number(top * place // _STEPS) for place in range(_STEPS, -1, -1)]
    return Picture(bars, axis)


def _bar(chart: Chart, row: ReportRow, top: int, *, has_label: bool) -> Bar:
    back, front = row.values[chart.back], row.values[chart.front]
    share = f"{persian_digits(percents(front, back))}٪" if back else ""
    words = " · ".join(each for each in (row.label, row.note) if each)
    return Bar(_height(back, top), _height(front, top), row.tick, share, row.mark, words, has_label)


def _height(value: int, top: int) -> float:
    return round(HEIGHT * value / top, 2)


def step_above(value: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, … that is not below *value*."""
    power = 1
    while True:
        for each in (1, 2, 5):
            if each * power >= value:
                return each * power
        power *= 10
