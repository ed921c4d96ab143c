"""What a workbook would become when unpacked: traps are refused before any reader reserves memory for them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile, ZipFile, ZipInfo

from app.lib.tables.source import TableReason, UnreadableFile
from app.lib.tables.xlsx_extent import SheetExtent

MOST_BYTES = 100 * 1024 * 1024
MOST_RATIO = 100
# Small sheets of equal rows are packed tightly without being a trap.
_HARMLESS = 10 * 1024 * 1024
_CHUNK = 256 * 1024
_TYPES, _BOOK = "[Content_Types].xml", "xl/workbook.xml"
# Parts of other formats, which the reader would turn to when the workbook itself is broken.
_FOREIGN_PARTS = {"content.xml", "mimetype", "xl/workbook.bin"}
_TARGET = re.compile(rb"""Target\s*=\s*["']([^"']*)""")
_DAMAGE = (BadZipFile, zlib.error, ExpatError, EOFError, LookupError, OSError, RuntimeError)


def refuse_traps(path: Path) -> None:
    """Raise `UnreadableFile` for what is no workbook, holds macros, or is far larger inside than outside."""
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
    """Sheets lie in parts called .xml, for only those are looked into."""
    targets = _TARGET.findall(relations)
    if not targets or not all(target.lower().endswith(b".xml") for target in targets):
        raise UnreadableFile(TableReason.TYPE)


def _refuse_content(archive: ZipFile, member: ZipInfo) -> None:
    """Unpack *member* in pieces: it must be as long as it says, and its cells must lie near each other."""
    claimed = member.file_size
    # The archive module stops where the entry claims to end, other readers do not; a lie shows only beyond.
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
