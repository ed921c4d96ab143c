"""The HTML of the rows of tables and parts, and of the bars of a chart: a report has a thousand cells.

Functions, because a macro costs ten times as much. Every text is escaped by `safe`; classes, numbers and steps are the report's own.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask
from markupsafe import Markup

from app.panel.lists.values import attribute, safe
from app.panel.report.chart import Bar
from app.panel.report.page import BAR, ReportCell, ShownRow
from app.panel.report.parts import ShownCount, ShownPartRow

_BAR = (
    '<svg class="report-bar" viewBox="0 0 {whole} 10" preserveAspectRatio="none" aria-hidden="true">'
    '<rect class="report-rail" width="{whole}" height="10" rx="3"/>'
    '<rect x="{rest}" width="{bar}" height="10" rx="3"/></svg>'
)


def init_reports(app: Flask) -> None:
    """Register the functions as globals of the templates."""
    app.jinja_env.globals.update(
        report_rows_html=report_rows_html, part_rows_html=part_rows_html, bars_html=bars_html
    )


def report_rows_html(rows: Iterable[ShownRow], *, has_keys: bool = False) -> Markup:
    """The rows of a table, or its totals, which have no keys."""
    return Markup("".join([_row(each, has_key=has_keys) for each in rows]))


def _row(row: ShownRow, *, has_key: bool) -> str:
    key = f' data-pk="{row.key}"' if has_key else ""
    note = f' <span class="muted small-text">{safe(row.note)}</span>' if row.note else ""
    cells = "".join([_cell(each) for each in row.cells])
    return f'<tr{key}><th scope="row">{safe(row.label)}{note}</th>{cells}</tr>\n'


def _cell(cell: ReportCell) -> str:
    classes = f"{'wide-only ' if cell.is_wide else ''}{'muted' if cell.is_zero else ''}".strip()
    start = f'<td class="{classes}">' if classes else "<td>"
    if cell.bar is None:
        return f"{start}{_linked(cell.text, cell.url)}</td>"
    bar = _BAR.format(whole=BAR, rest=BAR - cell.bar, bar=cell.bar)
    return f'{start}<span class="report-share"><span>{safe(cell.text)}</span>{bar}</span></td>'


def _linked(text: str, url: str) -> str:
    return f'<a href="{safe(url)}">{safe(text)}</a>' if url else safe(text)


def part_rows_html(rows: Iterable[ShownPartRow]) -> Markup:
    """Rows of a part: those of its body, or its totals."""
    return Markup("".join([_part_row(each) for each in rows]))


def _part_row(row: ShownPartRow) -> str:
    mark = '<i class="part-mark" aria-hidden="true"></i>' if row.colour else ""
    counts = "".join([_count(each) for each in row.counts])
    colour = attribute("data-colour", row.colour)
    return f'<tr><th scope="row"{colour}>{mark}{safe(row.label)}</th>{counts}</tr>'


def _count(each: ShownCount) -> str:
    heat = "" if each.heat is None else f' data-heat="{each.heat}"'
    partial = " data-partial" if each.is_partial else ""
    share = f' <span class="part-share">{safe(each.share)}</span>' if each.share else ""
    if each.url:
        text = f'<a href="{safe(each.url)}">{safe(each.text)}</a>'
    else:
        muted = "" if each.heat else ' class="muted"'
        text = f"<span{muted}>{safe(each.text)}</span>"
    return f"<td{heat}{partial}{attribute('title', each.hint)}>{text}{share}</td>"


def bars_html(bars: Iterable[Bar]) -> Markup:
    """The bars of a chart with the lines below them."""
    return Markup("".join([_chart_bar(each) for each in bars]))


def _chart_bar(bar: Bar) -> str:
    return (
        f'<li title="{safe(bar.words)}"><svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="report-back" x="12" y="{100 - bar.back}" width="76" height="{bar.back}"/>'
        f'<rect class="report-front" x="32" y="{100 - bar.front}" width="36" height="{bar.front}"/></svg>'
        f'<span class="report-tick"{"" if bar.has_label else " data-quiet"}><span>{safe(bar.tick)}</span>'
        f'<span class="report-tick-share">{safe(bar.share)}</span></span>'
        f'<span class="report-mark">{safe(bar.mark)}</span></li>\n'
    )
