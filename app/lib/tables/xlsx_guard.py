"""Limits for workbooks, checked before a reader allocates memory: archive size, kind, and the extent of each sheet."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile, ZipFile, ZipInfo

from app.lib.digits import parse_int
from app.lib.tables.source import MOST_COLUMNS, MOST_ROWS, TableReason, UnreadableFile

MOST_BYTES = 100 * 1024 * 1024
MOST_RATIO = 100
# Small sheets of equal rows compress strongly without being an attack.
_HARMLESS = 10 * 1024 * 1024
_CHUNK = 256 * 1024
_TYPES, _BOOK = "[Content_Types].xml", "xl/workbook.xml"
# Parts of other formats, which the reader would open instead when the workbook part is broken.
_FOREIGN_PARTS = {"content.xml", "mimetype", "xl/workbook.bin"}
_TARGET = re.compile(rb"""Target\s*=\s*["']([^"']*)""")
_DAMAGE = (BadZipFile, zlib.error, ExpatError, EOFError, LookupError, OSError, RuntimeError)
# A title and empty lines may stand above the headings.
_MOST_ROWS = MOST_ROWS + 1_000
_CONTENT = {"v", "is", "f"}
_DIGITS = "0123456789"
_LARGEST_ROW = 9_999_999


def check_workbook(path: Path) -> None:
    """Raise `UnreadableFile` for a file that is no workbook, has macros, or unpacks to far more than its size."""
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
            _refuse_sizes(members)
            _refuse_kind(archive, {member.filename for member in members})
            for member in members:
                _refuse_content(archive, member)
    except _DAMAGE as error:
        raise UnreadableFile(TableReason.DAMAGED) from error


def _refuse_sizes(members: Sequence[ZipInfo]) -> None:
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if size > MOST_BYTES or (size > _HARMLESS and size > packed * MOST_RATIO):
        raise UnreadableFile(TableReason.TOO_LARGE)


def _refuse_kind(archive: ZipFile, names: set[str]) -> None:
    kinds = archive.read(_TYPES) if _TYPES in names else b""
    has_macros = b"macroEnabled" in kinds or any(name.endswith("vbaProject.bin") for name in names)
    if has_macros or _BOOK not in names or names & _FOREIGN_PARTS:
        raise UnreadableFile(TableReason.TYPE)
    for name in names:
        if name.lower().endswith("workbook.xml.rels"):
            _refuse_hidden_sheets(archive.read(name))


def _refuse_hidden_sheets(relations: bytes) -> None:
    """Refuse sheets in parts without the suffix .xml, because only parts with it are checked."""
    targets = _TARGET.findall(relations)
    if not targets or not all(target.lower().endswith(b".xml") for target in targets):
        raise UnreadableFile(TableReason.TYPE)


def _refuse_content(archive: ZipFile, member: ZipInfo) -> None:
    """Unpack *member* in pieces and check its real size and the extent of its cells."""
    claimed = member.file_size
    # `zipfile` stops at the size that the entry claims and other readers do not, so we read past it to find a false size.
    member.file_size = MOST_BYTES + 1
    with archive.open(member) as file:
        extent = SheetExtent() if member.filename.lower().endswith(".xml") else None
        if _length(file, claimed, extent) != claimed:
            raise UnreadableFile(TableReason.DAMAGED)


def _length(file: IO[bytes], claimed: int, extent: SheetExtent | None) -> int:
    length = 0
    while length <= claimed and (chunk := file.read(_CHUNK)):
        length += len(chunk)
        if extent is not None:
            extent.feed(chunk)
    return length


class SheetExtent:
    """The area between the filled cells of one XML part; `feed` raises `UnreadableFile` once it is too large."""

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
        """Parse the next piece; also raises `ExpatError`."""
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
                self._include()
        elif "count" in attributes or "uniqueCount" in attributes:
            _refuse_count(attributes)

    def _enter_cell(self, place: str | None) -> None:
        self._is_open = True
        if place is None:
            self._unplaced += 1
        else:
            self._place, self._unplaced = place, 0

    def _include(self) -> None:
        letters = self._place.rstrip(_DIGITS)
        if self._unplaced:
            # A cell without a reference follows the one before it.
            before = _column(letters) if letters else 0
            self._reach(self._row, before + self._unplaced)
            return
        digits = self._place[len(letters) :]
        # Files have half a million cells, so each column and each run of equal rows is checked only once.
        if digits != self._digits or letters not in self._columns:
            self._digits = digits
            self._columns.add(letters)
            self._reach(_row_number(digits), _column(letters))

    def _reach(self, row: int, column: int) -> None:
        if not self._height.includes(row):
            raise UnreadableFile(TableReason.TOO_MANY_ROWS)
        if not self._width.includes(column):
            raise UnreadableFile(TableReason.TOO_MANY_COLUMNS)


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
