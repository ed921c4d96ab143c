"""The words of a report: measures, groups, filters, switches and the chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from flask_babel import LazyString

from app.panel.report.parts import Part


class MeasureKind(Enum):
    NUMBER = "number"
    MONEY = "money"
    # *of* divided by *per*, in percent or as an amount; computed by the engine, in totals as well.
    SHARE = "share"
    MEAN = "mean"


@dataclass(frozen=True)
class Measure:
    """A column of the table; `is_wide` leaves it out on phones, `cell` names the rows of its figures."""

    name: str
    label: LazyString
    kind: MeasureKind = MeasureKind.NUMBER
    of: str = ""
    per: str = ""
    hint: LazyString | None = None
    is_wide: bool = False
    cell: str | None = None


@dataclass(frozen=True)
class RowsBy:
    """What the rows of the table are; the first one is the default."""

    key: str
    label: LazyString


@dataclass(frozen=True)
class ReportFilter:
    """A choice of one value; `options` returns (id, label), and None where the member has no choice."""

    name: str
    label: LazyString
    everything: LazyString
    options: Callable[[], Sequence[tuple[int, str]] | None]


@dataclass(frozen=True)
class ReportSwitch:
    """Another way to count."""

    name: str
    label: LazyString
    hint: LazyString


@dataclass(frozen=True)
class Chart:
    """Bars of two measures over time, `front` before `back`, with a share below; one scale."""

    back: str
    front: str
    share: str


@dataclass(frozen=True)
class Asked:
    """What the address asks for: the days from *first* to *last*, the rows, the chosen filters and switches."""

    first: date
    last: date
    by: str
    chosen: Mapping[str, int] = field(default_factory=dict)
    on: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ReportRow:
    """A row of the table with the values of its measures; `shown` limits the measures of a further total."""

    key: int
    label: str
    values: Mapping[str, int]
    note: str = ""
    shown: frozenset[str] | None = None
    # The lines below the bar of a chart.
    tick: str = ""
    mark: str = ""
    # What the row adds to the names of the cells of its measures; None where its figures have no list of rows.
    cell: str | None = None


@dataclass(frozen=True)
class Answer:
    """The rows of the table, its further totals, the whole, the rows of the chart in the order of time, and parts."""

    rows: Sequence[ReportRow]
    whole: ReportRow
    totals: Sequence[ReportRow] = ()
    chart: Sequence[ReportRow] = ()
    chart_title: str = ""
    parts: Sequence[Part] = ()

    @property
    def is_empty(self) -> bool:
        return not any(self.whole.values.values())
