"""The workbook of the rejected rows of an import."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter

from app.lib.tables.source import MOST_COLUMNS

# The limit of a workbook cell.
_LONGEST_TEXT = 32_767


def write_rejected(path: Path, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a right-to-left sheet with text cells only, so that no cell is computed as a formula.

    A sheet has no more columns than a file to be imported may have, so the last one, the reason, may be left out.
    """
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.right_to_left()
        bold = book.add_format({"bold": True})
        for column, header in enumerate(headers[:MOST_COLUMNS]):
            sheet.write_string(0, column, header, bold)
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row[:MOST_COLUMNS]):
                sheet.write_string(number, column, text[:_LONGEST_TEXT])
