"""The extent of a sheet, found by parsing its XML in pieces."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from app.lib.digits import parse_int
from app.lib.tables.source import MOST_COLUMNS, MOST_ROWS, TableReason, UnreadableFile

# A title and empty lines may stand above the headings.
_MOST_ROWS = MOST_ROWS + 1_000
_CONTENT = {"v", "is", "f"}
_DIGITS = "0123456789"
_LARGEST_ROW = 9_999_999
# Malformed XML, encodings that Python does not know, and those that the parser can't use.
XML_ERRORS = (expat.ExpatError, LookupError, ValueError)


class SheetExtent:
    """The area between the filled cells of one XML part, and the last row in which a value was typed."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        # The last row with a value that no formula has computed, from 1.
        self.last_typed = 0
        self.is_excessive = False
        self._is_open = False
        self._row, self._place, self._unplaced = 0, "", 0
        self._columns: set[str] = set()
        self._digits, self._number = "", 0
        self._height, self._width = Span(_MOST_ROWS), Span(MOST_COLUMNS)

    def feed(self, chunk: bytes) -> None:
        """Parse the next piece; also raises `XML_ERRORS`."""
        self._parser.Parse(chunk)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2] if ":" in name else name
        if tag == "c":
            self._enter_cell(attributes.get("r"))
        elif tag == "row":
            number = attributes.get("r")
            self._row = self._row + 1 if number is None else _row_number(number)
            self._place, self._unplaced, self._is_open = "", 0, False
        elif tag in _CONTENT:
            if self._is_open:
                self._is_open = False
                self._include(is_typed=tag != "f")
        elif "count" in attributes or "uniqueCount" in attributes:
            _refuse_count(attributes)

    def _enter_cell(self, place: str | None) -> None:
        self._is_open = True
        if place is None:
            self._unplaced += 1
        else:
            self._place, self._unplaced = place, 0

    def _include(self, *, is_typed: bool) -> None:
        letters = self._place.rstrip(_DIGITS)
        if self._unplaced:
            # A cell without a reference follows the one before it.
            before = _column(letters) if letters else 0
            self._reach(self._row, before + self._unplaced)
            self._note_typed(self._row, is_typed=is_typed)
            return
        digits = self._place[len(letters) :]
        # Files have half a million cells, so each column and each run of equal rows is checked only once.
        if digits != self._digits or letters not in self._columns:
            self._digits = digits
            self._columns.add(letters)
            self._number = _row_number(digits)
            self._reach(self._number, _column(letters))
        self._note_typed(self._number, is_typed=is_typed)

    def _note_typed(self, row: int, *, is_typed: bool) -> None:
        if is_typed and row > self.last_typed:
            self.last_typed = row

    def _reach(self, row: int, column: int) -> None:
        if not (self._height.includes(row) and self._width.includes(column)):
            self.is_excessive = True


class Span:
    """The range from the least to the greatest number seen, limited to *most* numbers."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._least: int | None = None
        self._greatest = 0

    def includes(self, number: int) -> bool:
        """Extend the range to *number*; False when it becomes too long."""
        if self._least is None or number < self._least:
            self._least = number
        self._greatest = max(self._greatest, number)
        return self._greatest - self._least < self._most


def _row_number(digits: str) -> int:
    number = parse_int(digits, most=_LARGEST_ROW)
    if number is None:
        raise UnreadableFile(TableReason.DAMAGED)
    return number


def _column(letters: str) -> int:
    """«A» is 1, «XFD» is 16384."""
    if not letters.isalpha() or not letters.isascii() or len(letters) > 3:
        raise UnreadableFile(TableReason.DAMAGED)
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column


def _refuse_count(attributes: dict[str, str]) -> None:
    """Refuse a huge count, because the reader allocates memory for as many items as a list claims to have."""
    for name in ("count", "uniqueCount"):
        if parse_int(attributes.get(name, "0"), most=MOST_ROWS * MOST_COLUMNS) is None:
            raise UnreadableFile(TableReason.DAMAGED)


def _refuse_doctype(*_declaration: Any) -> None:
    """Refuse any DOCTYPE: workbooks never have one, and it can declare entities that expand without end."""
    raise UnreadableFile(TableReason.DAMAGED)
