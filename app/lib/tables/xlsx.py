"""Workbook files: the rows of the first visible sheet, read after the guard has accepted the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from app.lib.tables.source import Headings, TableNote, TableReason, TableSource, UnreadableFile
from app.lib.tables.xlsx_guard import check_workbook

# Programs write dates outside these years for «none» or «never».
_YEARS = range(1900, 2200)


def open_source(path: Path) -> TableSource:
    """The rows of the workbook at *path*; raises `UnreadableFile`."""
    check_workbook(path)
    with _report_damage():
        book = CalamineWorkbook.from_path(path)
        visible = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
        ]
        if not visible:
            raise UnreadableFile(TableReason.EMPTY)
        sheet = book.get_sheet_by_name(visible[0])

    def read(_headings: Headings | None) -> Iterator[Sequence[Any]]:
        with _report_damage():
            for cells in sheet.iter_rows():
                yield [_plain(cell) for cell in cells]

    notes = (TableNote.OTHER_SHEETS,) if len(book.sheet_names) > 1 else ()
    return TableSource(read, sheet=visible[0], notes=notes)


@contextmanager
def _report_damage() -> Iterator[None]:
    try:
        yield
    except (CalamineError, OSError) as error:
        raise UnreadableFile(TableReason.DAMAGED) from error
    except BaseException as error:
        # The reader panics on a number that is no date; the class of its exception cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFile(TableReason.DAMAGED) from error


def _plain(cell: Any) -> Any:
    """*cell*, with a date outside `_YEARS` as text."""
    return str(cell) if isinstance(cell, date) and cell.year not in _YEARS else cell
