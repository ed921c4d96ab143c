"""Parts of a report: tables of counts with a bar or steps of heat, each count a link to its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple
from urllib.parse import quote_plus, urlencode

from app.lib.persian import group_number
from app.panel.formatting import NOTHING
from app.panel.report.shares import percents

# The width of a whole bar.
WIDTH = 1_000
HEATS = 6
CELL, AFTER = "cell", "after"


@dataclass(frozen=True)
class Count:
    """A count; `cell` names its rows, `per` is what its share is of. None is a count that is not known yet."""

    count: int | None
    cell: str | None = None
    per: int | None = None
    heat: int | None = None
    is_partial: bool = False
    hint: str = ""


@dataclass(frozen=True)
class PartRow:
    label: str
    counts: Sequence[Count | str]
    colour: str = ""


@dataclass(frozen=True)
class Part:
    """A table; `summary` says it in words, `bar` draws the first count of each row as its share of the whole."""

    title: str
    summary: str
    first: str
    headings: Sequence[str]
    rows: Sequence[PartRow]
    totals: Sequence[PartRow] = ()
    has_bar: bool = False
    is_wide: bool = False
    has_heat: bool = False

    @property
    def is_worked(self) -> bool:
        """Whether a row counts something."""
        counts = [each for row in self.rows for each in row.counts]
        return any(each.count for each in counts if isinstance(each, Count))


@dataclass(frozen=True)
class Segment:
    colour: str
    start: int
    width: int


class ShownCount(NamedTuple):
    text: str
    share: str = ""
    url: str = ""
    heat: int | None = None
    is_partial: bool = False
    hint: str = ""


@dataclass(frozen=True)
class ShownPartRow:
    label: str
    counts: Sequence[ShownCount]
    colour: str


@dataclass(frozen=True)
class ShownPart:
    part: Part
    rows: Sequence[ShownPartRow]
    totals: Sequence[ShownPartRow]
    bar: Sequence[Segment]


@dataclass(frozen=True)
class RowLine:
    """A row behind a figure: the texts of its columns, and the address of its record where it has one to open."""

    texts: Sequence[str]
    url: str = ""


class Stretch(NamedTuple):
    """Some keys of the rows behind a figure, the largest first; the next ones come after `last`, None at the end."""

    keys: Sequence[int]
    last: int | None


def stretch_of(keys: Sequence[int], most: int) -> Stretch:
    """At most *most* of *keys*, of which one more than that has been read."""
    return Stretch(keys[:most], keys[most - 1] if len(keys) > most else None)


@dataclass(frozen=True)
class Behind:
    """The rows behind a figure: at most so many of their keys after one, and the lines of some keys."""

    words: str
    # None where counting would read all rows of a long range.
    count: int | None
    headings: Sequence[str]
    read: Callable[[int | None, int], Stretch]
    lines: Callable[[Sequence[int]], Sequence[RowLine]]


@dataclass(frozen=True)
class Linker:
    """Makes the addresses of the rows of a report; none where the report declares none."""

    base_url: str
    arguments: Mapping[str, str]

    def __call__(self, cell: str | None, count: int | None) -> str:
        if cell is None or not count or not self.base_url:
            return ""
        return f"{self._rows}{_quoted(cell)}"

    @cached_property
    def _rows(self) -> str:
        """The address up to the name of a cell; a table has a thousand of them."""
        given = {name: value for name, value in self.arguments.items() if value and name not in {CELL, AFTER}}
        return f"{self.base_url}rows?{urlencode(given | {CELL: ''})}"


# The names of cells are made of few words and keys, and all reports ask for the same ones.
_quoted = lru_cache(maxsize=8_192)(quote_plus)


def shown(part: Part, url_of: Linker) -> ShownPart:
    rows = [_row(each, url_of) for each in part.rows]
    return ShownPart(part, rows, [_row(each, url_of) for each in part.totals], _bar(part))


def heat_of(value: float, most: float) -> int:
    """The step of *value* from 1 to `HEATS`; 0 for nothing."""
    return min(HEATS, 1 + int(value / most * (HEATS - 1))) if value and most else 0


def _row(row: PartRow, url_of: Linker) -> ShownPartRow:
    counts = [ShownCount(each) if isinstance(each, str) else _count(each, url_of) for each in row.counts]
    return ShownPartRow(row.label, counts, row.colour)


def _count(each: Count, url_of: Linker) -> ShownCount:
    if each.count is None:
        return ShownCount("·")
    share = ""
    if each.per is not None:
        share = f"{group_number(percents(each.count, each.per))}٪" if each.per else NOTHING
    url = url_of(each.cell, each.count)
    return ShownCount(group_number(each.count), share, url, each.heat, each.is_partial, each.hint)


def _bar(part: Part) -> list[Segment]:
    counts = [each.counts[0].count or 0 for each in part.rows if isinstance(each.counts[0], Count)]
    whole, passed, found = sum(counts), 0, []
    if not part.has_bar or not whole:
        return []
    for row, count in zip(part.rows, counts, strict=True):
        start = WIDTH * passed // whole
        passed += count
        end = WIDTH * passed // whole
        # From the right, as the table is read.
        found.append(Segment(row.colour, WIDTH - end, end - start))
    return [each for each in found if each.width]
