"""How much room a part of a workbook makes its reader take: for all cells between the filled ones, for long lists."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from app.lib.tables.source import MOST_COLUMNS, MOST_ROWS, TableReason, UnreadableFile

# Titles and empty lines may stand above the headings.
_MOST_ROWS = MOST_ROWS + 1_000
_CONTENT = {"v", "is", "f"}
_DIGITS = "0123456789"


class SheetExtent:
    """Fed with the pieces of an XML part, it raises `UnreadableFile` as soon as its cells lie too far apart.

    Half a million cells pass through here, so each letter and each row number is looked at only once.
    """

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._is_open = False
        self._row, self._place, self._unplaced = 0, "", 0
        self._columns: set[str] = set()
        self._digits = ""
        self._height, self._width = Span(_MOST_ROWS), Span(MOST_COLUMNS)

    def feed(self, chunk: bytes) -> None:
        """Take in the next piece; raises `ExpatError` too."""
        self._parser.Parse(chunk)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2] if ":" in name else name
        if tag == "c":
            self._enter_cell(attributes.get("r"))
        elif tag == "row":
            number = attributes.get("r")
            self._row = self._row + 1 if number is None else _number(number)
            self._place, self._unplaced, self._is_open = "", 0, False
        elif tag in _CONTENT:
            if self._is_open:
                self._is_open = False
                self._include()
        elif "count" in attributes or "uniqueCount" in attributes:
            _refuse_boast(attributes)

    def _enter_cell(self, place: str | None) -> None:
        self._is_open = True
        if place is None:
            self._unplaced += 1
        else:
            self._place, self._unplaced = place, 0

    def _include(self) -> None:
        letters = self._place.rstrip(_DIGITS)
        if self._unplaced:
            # A cell that does not say where it lies follows the one before it.
            before = _column(letters) if letters else 0
            self._reach(self._row, before + self._unplaced)
            return
        digits = self._place[len(letters) :]
        if digits != self._digits or letters not in self._columns:
            self._digits = digits
            self._columns.add(letters)
            self._reach(_number(digits), _column(letters))

    def _reach(self, row: int, column: int) -> None:
        if not self._height.includes(row):
            raise UnreadableFile(TableReason.TOO_MANY_ROWS)
        if not self._width.includes(column):
            raise UnreadableFile(TableReason.TOO_MANY_COLUMNS)


class Span:
    """From the least to the greatest of the numbers seen."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._least: int | None = None
        self._greatest = 0

    def includes(self, number: int) -> bool:
        """Stretch up to *number*; False when that is too far."""
        if self._least is None or number < self._least:
            self._least = number
        self._greatest = max(self._greatest, number)
        return self._greatest - self._least < self._most


def _number(digits: str) -> int:
    if not digits or len(digits) > 7 or digits.strip(_DIGITS):
        raise UnreadableFile(TableReason.DAMAGED)
    return int(digits)


def _column(letters: str) -> int:
    """«A» is 1, «XFD» is 16384."""
    if not letters.isalpha() or not letters.isascii() or len(letters) > 3:
        raise UnreadableFile(TableReason.DAMAGED)
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column


def _refuse_boast(attributes: dict[str, str]) -> None:
    """The reader makes room for as many things as a list says that it has."""
    for name in ("count", "uniqueCount"):
        number = attributes.get(name, "0")
        if not number.isascii() or not number.isdigit() or int(number[:20]) > MOST_ROWS * MOST_COLUMNS:
            raise UnreadableFile(TableReason.DAMAGED)


def _refuse_doctype(*_declaration: Any) -> None:
    """No program that makes workbooks declares one; entities that grow without end are declared so."""
    raise UnreadableFile(TableReason.DAMAGED)
