"""The check of a report: its measures, chart and rows name what it declares."""

from __future__ import annotations

from collections.abc import Iterator

from app.panel.check.problems import DeclarationProblem, nearest
from app.panel.report.report import Report
from app.panel.report.words import MeasureKind

_COMPUTED = frozenset({MeasureKind.SHARE, MeasureKind.MEAN})


def problems_of_report(report: Report) -> Iterator[DeclarationProblem]:
    where = type(report).__name__
    for word in ("of", "by", "measures"):
        if not getattr(report, word, None):
            yield DeclarationProblem(where, word, word, "is missing")
            return
    counted = {each.name for each in report.measures if each.kind not in _COMPUTED}
    shares = {each.name for each in report.measures if each.kind is MeasureKind.SHARE}
    named = [
        (word, name)
        for each in report.measures
        if each.kind in _COMPUTED
        for word, name in ((f"measures.{each.name}", each.of), (f"measures.{each.name}", each.per))
    ]
    if report.chart is not None:
        named += [("chart", report.chart.back), ("chart", report.chart.front)]
        if report.chart.share not in shares:
            yield DeclarationProblem(
                where, "chart", report.chart.share, "is no share", nearest(report.chart.share, shares)
            )
    for word, name in named:
        if name not in counted:
            yield DeclarationProblem(where, word, name, "is no counted measure", nearest(name, counted))
