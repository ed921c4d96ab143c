"""Workbooks: the first visible sheet, after a look at how large the file would become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from app.lib.table_file import Note, Reason, Source, UnreadableFile

MOST_BYTES = 100 * 1024 * 1024
MOST_RATIO = 100
# Small sheets of equal rows are packed tightly without being a trap.
_HARMLESS = 10 * 1024 * 1024


def open_source(path: Path) -> Source:
    """The rows of the workbook at *path*; raises `UnreadableFile` before it unpacks too much."""
    _refuse_traps(path)
    try:
        book = CalamineWorkbook.from_path(path)
        visible = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
        ]
        if not visible:
            raise UnreadableFile(Reason.EMPTY)
        sheet = book.get_sheet_by_name(visible[0])
    except (CalamineError, OSError) as error:
        raise UnreadableFile(Reason.DAMAGED) from error

    def read() -> Iterator[Sequence[Any]]:
        return iter(sheet.iter_rows())

    notes = (Note.OTHER_SHEETS,) if len(book.sheet_names) > 1 else ()
    return Source(read, sheet=visible[0], notes=notes)


def _refuse_traps(path: Path) -> None:
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
            kinds = archive.read("[Content_Types].xml") if _has(members, "[Content_Types].xml") else b""
    except (BadZipFile, OSError, ValueError) as error:
        raise UnreadableFile(Reason.DAMAGED) from error
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if size > MOST_BYTES or (size > _HARMLESS and size > packed * MOST_RATIO):
        raise UnreadableFile(Reason.TOO_LARGE)
    if b"macroEnabled" in kinds or any(member.filename.endswith("vbaProject.bin") for member in members):
        raise UnreadableFile(Reason.TYPE)
    if not _has(members, "xl/workbook.xml"):
        raise UnreadableFile(Reason.TYPE)


def _has(members: Sequence[Any], name: str) -> bool:
    # A member that unpacks to more than the whole limit is not worth opening.
    return any(member.filename == name and member.file_size < MOST_BYTES for member in members)
