"""Workbook files: the rows of their visible sheets, read after the guard has accepted the file."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from app.lib.tables.source import Headings, TableReason, TableSource, UnreadableFile
from app.lib.tables.xlsx_extent import SheetExtent
from app.lib.tables.xlsx_guard import check_workbook
from app.lib.tables.xlsx_parts import sheet_parts

# Programs write dates outside these years for «none» or «never».
_YEARS = range(1900, 2200)
_DAMAGE = (CalamineError, BadZipFile, OSError, KeyError, ValueError, TypeError, AttributeError)
_MOST_SHEETS = 30
# After so many rows of formulas without a value, no further rows are expected.
_MOST_IDLE = 5_000
_NOTHING = {"", "0", "0.0", "False", "FALSE"}


# Reads the rows of a sheet one after the other, given the workbook and the name of the sheet.
RowStream = Callable[[Path, str], Generator[Sequence[Any]]]


class StreamNeeded(Exception):
    """The cells of a sheet lie so far apart that they must be read row after row."""


@dataclass(frozen=True)
class _Sheet:
    """A sheet of the workbook at `path`."""

    path: Path
    stream: RowStream | None
    book: CalamineWorkbook
    name: str
    extent: SheetExtent

    def read(self, headings: Headings | None) -> Iterator[Sequence[Any]]:
        """The rows; one in which formulas have found nothing is empty, as are the rows after many of those."""
        idle = 0
        with _report_damage(), closing(self._rows()) as rows:
            for number, cells in enumerate(rows, 1):
                if number > self.extent.last_typed and headings and _is_idle(cells, headings):
                    idle += 1
                    if idle > _MOST_IDLE:
                        return
                    yield []
                    continue
                yield [_plain(cell) for cell in cells]

    def _rows(self) -> Generator[Sequence[Any]]:
        if not self.extent.is_excessive:
            yield from self.book.get_sheet_by_name(self.name).iter_rows()
        elif self.stream is None:
            # The fast reader makes room for the whole area between the cells.
            raise StreamNeeded
        else:
            yield from self.stream(self.path, self.name)


def open_sources(path: Path, stream: RowStream | None) -> Sequence[TableSource]:
    """The visible sheets of the workbook at *path*; raises `UnreadableFile`, or `StreamNeeded` without *stream*."""
    extents = check_workbook(path)
    with _report_damage():
        parts = sheet_parts(path)
        book = CalamineWorkbook.from_path(path)
        names = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
        ]
    if not names:
        raise UnreadableFile(TableReason.EMPTY)
    sheets = [
        _Sheet(path, stream, book, name, _extent(extents, parts.get(name))) for name in names[:_MOST_SHEETS]
    ]
    return [TableSource(sheet.read, sheet=sheet.name) for sheet in sheets]


def _extent(extents: Mapping[str, SheetExtent], part: str | None) -> SheetExtent:
    """The extent of a part; the largest one for a sheet whose part is unknown."""
    if part is not None and part in extents:
        return extents[part]
    everything: Iterable[SheetExtent] = extents.values()
    return max(everything, key=lambda each: (each.is_excessive, each.last_typed))


def _is_idle(cells: Sequence[Any], headings: Headings) -> bool:
    """Whether formulas that were filled down have found no row: no mobile, and no text beside it."""
    mobile = headings.mobile
    if mobile is None:
        return all(map(_is_nothing, cells))
    return (mobile >= len(cells) or _is_nothing(cells[mobile])) and not any(map(_is_words, cells))


def _is_words(cell: Any) -> bool:
    """Whether *cell* has a text with letters, which a number or a counter has not."""
    return isinstance(cell, str) and not _is_nothing(cell) and any(map(str.isalpha, cell))


def _is_nothing(cell: Any) -> bool:
    """Whether a formula has found nothing: an empty text, a zero or an error."""
    text = "" if cell is None else str(cell).strip()
    return text in _NOTHING or text.startswith("#")


@contextmanager
def _report_damage() -> Iterator[None]:
    try:
        yield
    except (UnreadableFile, StreamNeeded):
        raise
    except _DAMAGE as error:
        raise UnreadableFile(TableReason.DAMAGED) from error
    except BaseException as error:
        # The reader panics on a number that is no date; the class of its exception cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFile(TableReason.DAMAGED) from error


def _plain(cell: Any) -> Any:
    """*cell*, with a date outside `_YEARS` as text."""
    if cell is None:
        return ""
    return str(cell) if isinstance(cell, date) and cell.year not in _YEARS else cell
