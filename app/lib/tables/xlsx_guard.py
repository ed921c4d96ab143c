"""Limits for workbooks, checked before a reader allocates memory: size and kind of the archive; and the extent of its sheets."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from app.lib.tables.source import TableReason, UnreadableFile
from app.lib.tables.xlsx_extent import XML_ERRORS, SheetExtent

MOST_BYTES = 100 * 1024 * 1024
MOST_RATIO = 100
# Small sheets of equal rows compress strongly without being an attack.
_HARMLESS = 10 * 1024 * 1024
_CHUNK = 256 * 1024
_TYPES, _BOOK = "[Content_Types].xml", "xl/workbook.xml"
# Parts of other formats, which the reader would open instead when the workbook part is broken.
_FOREIGN_PARTS = {"content.xml", "mimetype", "xl/workbook.bin"}
_TARGET = re.compile(rb"""Target\s*=\s*["']([^"']*)""")
_DAMAGE = (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, *XML_ERRORS)


def check_workbook(path: Path) -> Mapping[str, SheetExtent]:
    """The extent of each part; raises `UnreadableFile` for no workbook, macros, or contents far larger than the file."""
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
            _refuse_sizes(members)
            parts = {part_name(member.filename): member for member in members}
            _refuse_kind(archive, parts)
            return {name: _measured(archive, member) for name, member in parts.items()}
    except UnreadableFile:
        raise
    except _DAMAGE as error:
        raise UnreadableFile(TableReason.DAMAGED) from error


def part_name(name: str) -> str:
    """The name of a part; old programs write backslashes, and Excel opens their files."""
    return name.replace("\\", "/")


def _refuse_sizes(members: Sequence[ZipInfo]) -> None:
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if size > MOST_BYTES or (size > _HARMLESS and size > packed * MOST_RATIO):
        raise UnreadableFile(TableReason.TOO_LARGE)


def _refuse_kind(archive: ZipFile, parts: Mapping[str, ZipInfo]) -> None:
    kinds = archive.read(parts[_TYPES]) if _TYPES in parts else b""
    has_macros = b"macroEnabled" in kinds or any(name.endswith("vbaProject.bin") for name in parts)
    if has_macros or _BOOK not in parts or parts.keys() & _FOREIGN_PARTS:
        raise UnreadableFile(TableReason.TYPE)
    for name, member in parts.items():
        if name.lower().endswith("workbook.xml.rels"):
            _refuse_hidden_sheets(archive.read(member))


def _refuse_hidden_sheets(relations: bytes) -> None:
    """Refuse sheets in parts without the suffix .xml, because only parts with it are checked."""
    targets = _TARGET.findall(relations)
    if not targets or not all(target.lower().endswith(b".xml") for target in targets):
        raise UnreadableFile(TableReason.TYPE)


def _measured(archive: ZipFile, member: ZipInfo) -> SheetExtent:
    """The extent of the cells of *member*, unpacked in pieces to check its real size."""
    claimed = member.file_size
    # `zipfile` stops at the size that the entry claims and other readers do not, so we read past it to find a false size.
    member.file_size = MOST_BYTES + 1
    extent = SheetExtent()
    is_measured = member.filename.lower().endswith(".xml")
    with archive.open(member) as file:
        if _length(file, claimed, extent if is_measured else None) != claimed:
            raise UnreadableFile(TableReason.DAMAGED)
    return extent


def _length(file: IO[bytes], claimed: int, extent: SheetExtent | None) -> int:
    length = 0
    while length <= claimed and (chunk := file.read(_CHUNK)):
        length += len(chunk)
        if extent is not None:
            extent.feed(chunk)
    return length
