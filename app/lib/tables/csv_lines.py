"""A CSV reader that splits a row into cells only where its quotation marks are unambiguous."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.lib.persian import latin_digits
from app.lib.tables.headers import guess_columns
from app.lib.tables.source import MOST_CHARACTERS, Doubt, DoubtfulRow, Headings

_LINE_END = re.compile("\r\n|\n|\r")
# Invisible characters that some programs put between a delimiter and a quotation mark.
_BLANKS = " \t\u00a0\u200b\u200c\u200e\u200f\ufeff"
# No limit for cells here; the length of rows is checked later.
csv.field_size_limit(2**31 - 1)
# Two cells do not make a record: many texts have one comma.
_FEWEST_CELLS = 2
_INSIDE = re.compile('[^"]*(?:""[^"]*)*')
_NOT_IN_PHONE = re.compile(r"[\s\-_.()/'\"\u200c\u200e\u200f\u202a-\u202e\ufeff+]|tel:|p:")
_PHONE = re.compile(r"[0-9]{9,14}")


class _Open(Exception):
    """The text ends inside a quoted cell, which may continue in the next line."""


class _Unclear(Exception):
    """The quotation marks of the text are ambiguous."""


@dataclass(frozen=True)
class LineReader:
    """The rows of *text*, split at *delimiter*; an ambiguous row becomes a `DoubtfulRow`."""

    text: str
    delimiter: str

    def rows(self, headings: Headings | None = None) -> Iterator[Sequence[str]]:
        """All rows; below *headings*, a line that could be a row of its own is not joined to another."""
        lines = _LINE_END.split(self.text)
        if lines and not lines[-1]:
            lines.pop()
        at = place = 0
        while at < len(lines):
            shape = headings if headings is not None and place > headings.place else None
            cells, at = self._row(lines, at, shape)
            place += 1
            yield cells

    @cached_property
    def _plain(self) -> re.Pattern[str]:
        """The pattern of lines whose quotation marks only enclose whole cells; the faster `csv` module splits those."""
        cell = rf'(?:"[^"\\]*"|[^"\\{re.escape(self.delimiter)}]*)'
        return re.compile(f"{cell}(?:{re.escape(self.delimiter)}{cell})*")

    def _row(self, lines: Sequence[str], at: int, shape: Headings | None) -> tuple[Sequence[str], int]:
        line = lines[at]
        if '"' not in line:
            escaped = "\\" in line and self._has_escapes(line)
            cells: Sequence[str] = line.split(self.delimiter)
            return (DoubtfulRow(Doubt.QUOTES, line) if escaped else cells), at + 1
        if self._plain.fullmatch(line):
            return next(csv.reader([line], delimiter=self.delimiter)), at + 1
        try:
            return self._quoted_row(lines, at, shape)
        except _Unclear:
            return DoubtfulRow(Doubt.QUOTES, line), at + 1

    def _quoted_row(self, lines: Sequence[str], at: int, shape: Headings | None) -> tuple[list[str], int]:
        """The row that begins in line *at*, and the number of the next line."""
        text, end, added = lines[at], at + 1, 0
        while True:
            try:
                cells = self._split(text)
            except _Open:
                text, end, added = self._continue(lines, text, end, added, shape)
                continue
            if end > at + 1 and shape is not None:
                # A quotation mark in each of two adjacent records would join the end of one to the start of the other.
                further = any(self._is_record(line, shape) for line in lines[at + 1 : end])
                if (further and self._is_record(lines[at], shape)) or len(cells) > shape.width:
                    raise _Unclear
            return cells, end

    def _continue(
        self, lines: Sequence[str], text: str, end: int, added: int, shape: Headings | None
    ) -> tuple[str, int, int]:
        """*text* and the lines up to the next quotation mark; raises `_Unclear` if one may be a row of its own."""
        more = []
        while end < len(lines) and added <= MOST_CHARACTERS:
            line = lines[end]
            if self._may_be_row(line, shape):
                break
            more.append(line)
            end, added = end + 1, added + len(line) + 1
            if '"' in line:
                return "\n".join([text, *more]), end, added
        raise _Unclear

    def _may_be_row(self, line: str, shape: Headings | None) -> bool:
        """Whether the part of *line* inside a quoted cell could be a row of its own."""
        match = _INSIDE.match(line)
        inside = match[0] if match else ""
        cells = inside.split(self.delimiter)
        if len(cells) == 1:
            return False
        if shape is None:
            return len(guess_columns(cells)) > 1
        if len(cells) + line[len(inside) :].count(self.delimiter) >= shape.width:
            return True
        return self._has_mobile(cells, shape)

    def _is_record(self, line: str, shape: Headings) -> bool:
        """Whether *line* could be a complete record if its quotation marks are ignored."""
        cells = line.split(self.delimiter)
        is_full = len(cells) >= shape.width > _FEWEST_CELLS
        return is_full or (len(cells) > 1 and self._has_mobile(cells, shape))

    def _has_mobile(self, cells: Sequence[str], shape: Headings) -> bool:
        phones = cells if shape.mobile is None else cells[shape.mobile : shape.mobile + 1]
        return any(_PHONE.fullmatch(_NOT_IN_PHONE.sub("", latin_digits(cell))) for cell in phones)

    def _split(self, text: str) -> list[str]:
        """The cells of *text*; raises `_Open` or `_Unclear`."""
        if "\\" in text and ('\\"' in text or self._has_escapes(text)):
            # Only some programs use the backslash as an escape character, so its meaning is ambiguous.
            raise _Unclear
        cells, at = [], 0
        while True:
            cell, at = self._cell(text, at)
            cells.append(cell)
            if at == len(text):
                return cells
            at += 1

    def _has_escapes(self, text: str) -> bool:
        return text.endswith("\\") or f"\\{self.delimiter}" in text

    def _cell(self, text: str, at: int) -> tuple[str, int]:
        """The cell that begins at *at*, and the position of the delimiter after it."""
        start = at
        while start < len(text) and text[start] in _BLANKS and text[start] != self.delimiter:
            start += 1
        if text[start : start + 1] == '"':
            return self._quoted_cell(text, start + 1)
        end = text.find(self.delimiter, at)
        end = len(text) if end < 0 else end
        cell = text[at:end]
        if cell.count('"') % 2:
            raise _Unclear
        return cell, end

    def _quoted_cell(self, text: str, start: int) -> tuple[str, int]:
        match = _INSIDE.match(text, start)
        end = match.end() if match else start
        if end == len(text):
            raise _Open
        cell, at = text[start:end].replace('""', '"'), end + 1
        while at < len(text) and text[at] in _BLANKS and text[at] != self.delimiter:
            at += 1
        if at < len(text) and text[at] != self.delimiter:
            raise _Unclear
        return cell, at
