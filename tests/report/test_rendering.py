"""The HTML of rows, parts and bars: each text is escaped, and only the rows of a table have keys."""

from __future__ import annotations

import re

from app.panel.report.chart import Bar
from app.panel.report.page import ReportCell, ShownRow
from app.panel.report.parts import ShownCount, ShownPartRow
from app.panel.report.rendering import bars_html, part_rows_html, report_rows_html

HOSTILE = '<b title="x">&'
ESCAPED = "&lt;b title=&quot;x&quot;&gt;&amp;"


def tags(html):
    return re.findall(r"<([a-z]+)", html)


class TestTables:
    def test_texts_addresses_and_notes_are_escaped(self):
        row = ShownRow(7, HOSTILE, [ReportCell(HOSTILE, False, url=f"/rows?{HOSTILE}")], HOSTILE)
        html = report_rows_html([row], has_keys=True)
        assert html.count(ESCAPED) == 4
        assert tags(html) == ["tr", "th", "span", "td", "a"]

    def test_rows_have_their_keys_and_totals_none(self):
        row = ShownRow(7, "a", [])
        assert 'data-pk="7"' in report_rows_html([row], has_keys=True)
        assert "data-pk" not in report_rows_html([row])

    def test_a_cell_says_that_it_is_zero_or_wide_and_has_its_bar(self):
        cells = [ReportCell("۰", True, True), ReportCell("۱", True), ReportCell("۲", False, bar=50)]
        html = report_rows_html([ShownRow(1, "a", cells)])
        assert re.findall(r"<td[^>]*>", html) == [
            '<td class="wide-only muted">',
            '<td class="wide-only">',
            "<td>",
        ]
        assert '<rect x="150" width="50"' in html


class TestParts:
    def test_texts_hints_and_colours_are_escaped(self):
        count = ShownCount(HOSTILE, HOSTILE, f"/rows?{HOSTILE}", hint=HOSTILE)
        html = part_rows_html([ShownPartRow(HOSTILE, [count], HOSTILE)])
        assert html.count(ESCAPED) == 6
        assert tags(html) == ["tr", "th", "i", "td", "a", "span"]

    def test_a_count_without_rows_is_muted_where_it_has_no_heat(self):
        cold, warm = ShownCount("۰", heat=0), ShownCount("۱", heat=3, is_partial=True)
        html = part_rows_html([ShownPartRow("a", [cold, warm], "")])
        assert '<td data-heat="0"><span class="muted">۰</span></td>' in html
        assert '<td data-heat="3" data-partial><span>۱</span></td>' in html


def test_bars_escape_their_words_and_draw_their_heights():
    html = bars_html([Bar(80.0, 12.5, HOSTILE, HOSTILE, HOSTILE, HOSTILE, False)])
    assert html.count(ESCAPED) == 4
    assert 'y="20.0" width="76" height="80.0"' in html
    assert 'y="87.5" width="36" height="12.5"' in html
    assert "data-quiet" in html
