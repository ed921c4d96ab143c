"""Workbooks: the first visible sheet, after a look at how large the file would become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from app.lib.tables.source import Headings, TableNote, TableReason, TableSource, UnreadableFile
from app.lib.tables.xlsx_guard import check_workbook

# Days that other programs write for «none» or «never» lie outside of every calendar that is shown.
_DAYS = range(1900, 2200)


def open_source(path: Path) -> TableSource:
    """The rows of the workbook at *path*; raises `UnreadableFile` before it unpacks too much."""
    check_workbook(path)
    with _damage_told():
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
        with _damage_told():
            for cells in sheet.iter_rows():
                yield [_tame(cell) for cell in cells]

    notes = (TableNote.OTHER_SHEETS,) if len(book.sheet_names) > 1 else ()
    return TableSource(read, sheet=visible[0], notes=notes)


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except (CalamineError, OSError) as error:
        raise UnreadableFile(TableReason.DAMAGED) from error
    except BaseException as error:
        # A number that is no date makes the reader panic; its exception has no class that could be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFile(TableReason.DAMAGED) from error


def _tame(cell: Any) -> Any:
    """A date that no calendar shows becomes the text that it is."""
    return str(cell) if isinstance(cell, date) and cell.year not in _DAYS else cell
