"""The lines of a row as a table on its page."""

from __future__ import annotations

from typing import Any

from app.panel.actor import currency
from app.panel.declaration import Declaration
from app.panel.formatting import cell, label_of
from app.panel.forms.lines.rows import line_columns, load_lines, total_columns
from app.panel.records.page_data import LinesTable, ShownSum


def lines_table(section: Declaration, row: Any) -> LinesTable | None:
    """The lines of *row* with their totals; None for a section without lines."""
    lines = section.lines
    if lines is None:
        return None
    load_lines(section.model, lines, [row])
    unit, columns = currency(), line_columns(section.model, lines)
    return LinesTable(
        title=str(lines.label),
        headings=[label_of(column, unit) for column in columns],
        rows=[
            [cell(column, line, currency=unit) for column in columns] for line in getattr(row, lines.relation)
        ],
        sums=[
            ShownSum(str(column.label), cell(column, row, currency=unit), total.minus)
            for total, column in total_columns(section.model, lines)
        ],
    )
