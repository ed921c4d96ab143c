"""Delimited text files; encoding and delimiter are detected."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

from app.lib.tables.csv_lines import LineReader
from app.lib.tables.headers import guess_columns
from app.lib.tables.source import (
    MOST_COLUMNS,
    Doubt,
    DoubtfulRow,
    Headings,
    TableReason,
    TableSource,
    UnreadableFile,
)

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = (",", ";", "\t", "|", "،", "؛")
_PROBED_LINES = 30
_FEWEST_ALIKE = 2
_FEWEST_KNOWN = 0.8
_ARABIC = re.compile("[\u0600-\u06ff]")


def open_source(path: Path) -> TableSource:
    """The rows of the delimited file at *path*; raises `UnreadableFile`."""
    text, encoding = _decode(path.read_bytes())
    if not text.strip():
        raise UnreadableFile(TableReason.EMPTY)
    if "\x00" in text:
        raise UnreadableFile(TableReason.CONTROL, text[: text.index("\x00")].count("\n"))
    delimiter = max(_DELIMITERS, key=lambda candidate: _rank(text, candidate))

    reader = LineReader(text, delimiter)
    surplus = cache(lambda headings: _surplus(reader, headings))

    def read(headings: Headings | None) -> Iterator[Sequence[str]]:
        rows = reader.rows(headings)
        return rows if headings is None else _with_doubtful_rows(rows, headings, surplus(headings), delimiter)

    return TableSource(read, encoding=encoding, delimiter=delimiter)


def _surplus(reader: LineReader, headings: Headings) -> int:
    """The number of empty cells that all rows have after the last heading.

    A stray delimiter makes only some rows longer, so those do not count.
    """
    blank: list[int] = []
    filled: list[int] = []
    for place, cells in enumerate(reader.rows(headings)):
        if place <= headings.place or len(cells) < headings.width or not any(map(str.strip, cells)):
            continue
        if len(cells) == headings.width:
            return 0
        (filled if any(map(str.strip, cells[headings.width :])) else blank).append(len(cells))
    least = min(blank, default=0)
    # A single row is not enough to know what is written after each row.
    if len(blank) < _FEWEST_ALIKE or min(filled, default=least + 1) <= least:
        return 0
    return least - headings.width


def _with_doubtful_rows(
    rows: Iterator[Sequence[str]], headings: Headings, surplus: int, delimiter: str
) -> Iterator[Sequence[str]]:
    """*rows*, with a `DoubtfulRow` for each row that has too many cells: any of its delimiters may be part of a text.

    A row without any text stays, however many cells it has.
    """
    for place, cells in enumerate(rows):
        extra = cells[headings.width :] if place > headings.place else ()
        if any(map(str.strip, extra)) or (len(extra) > surplus and any(map(str.strip, cells))):
            yield DoubtfulRow(Doubt.WIDTH, delimiter.join(_quoted(cell, delimiter) for cell in cells))
        else:
            yield cells


def _quoted(cell: str, delimiter: str) -> str:
    needs_quotes = delimiter in cell or '"' in cell or "\n" in cell
    return '"' + cell.replace('"', '""') + '"' if needs_quotes else cell


def _decode(data: bytes) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decode_strictly(data, encoding)
    if b"\x00" in data:
        return _decode_with_nuls(data)
    # Invalid bytes become lone surrogates, so that the row with them can be reported.
    text = data.decode("utf-8", "surrogateescape")
    broken = sum("\udc80" <= character <= "\udcff" for character in text)
    # Text in windows-1256 is hardly ever valid UTF-8.
    if not broken or broken < len(_ARABIC.findall(text)):
        return text, "utf-8"
    text = data.decode("cp1256")
    foreign = sum(character > "\x7f" for character in text)
    if len(_ARABIC.findall(text)) < foreign // 2:
        raise UnreadableFile(TableReason.ENCODING)
    return text, "windows-1256"


def _decode_strictly(data: bytes, encoding: str) -> tuple[str, str]:
    if encoding == "utf-8-sig":
        return data.decode(encoding, "surrogateescape"), "utf-8"
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError as error:
        raise UnreadableFile(TableReason.ENCODING, data[: error.start].count(b"\n\x00")) from error


def _decode_with_nuls(data: bytes) -> tuple[str, str]:
    """Decode UTF-16 without byte order mark, in the byte order that gives more known letters; raises for other zero bytes."""
    found = [
        (_share_of_known(text), text, encoding)
        for encoding in ("utf-16-le", "utf-16-be")
        if len(data) % 2 == 0 and not {"\x00", "\ufffd"} & set(text := data.decode(encoding, "replace"))
    ]
    share, text, encoding = max(found, default=(0.0, "", ""))
    if share < _FEWEST_KNOWN:
        raise UnreadableFile(TableReason.CONTROL, data[: data.index(b"\x00")].count(b"\n"))
    return text, encoding


def _share_of_known(text: str) -> float:
    """The share of characters that are ASCII or Persian."""
    return sum(character.isascii() or "\u0600" <= character <= "\u06ff" for character in text) / max(
        len(text), 1
    )


def _rank(text: str, delimiter: str) -> tuple[int, int, int]:
    """The rank of *delimiter*: recognised headings, lines with equally many cells, cells per line."""
    rows = LineReader(text, delimiter).rows()
    lines = [cells for cells in islice(rows, _PROBED_LINES) if len(cells) > 1]
    if not lines:
        return 0, 0, 0
    named = max(len(guess_columns(cells[:MOST_COLUMNS])) for cells in lines)
    width, lines_alike = max(Counter(map(len, lines)).items(), key=lambda item: (item[1], item[0]))
    return named, lines_alike, width
