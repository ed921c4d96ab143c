"""The row of the headings in a table, also below a title or below merged headings of groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.lib.mobile import MobileError, canonical_mobile
from app.lib.tables.cells import as_text
from app.lib.tables.headers import guess_columns, heading_key, is_heading_word
from app.lib.tables.source import DoubtfulRow, TableReason, TableSource, UnreadableFile

# Reports may have a title and empty lines above their headings.
_WITHIN = 20
_FEWEST_NAMED = 2
Rank = tuple[bool, bool, int, int]


@dataclass(frozen=True)
class HeadingRow:
    """A row that may be that of the headings: the better it names the fields of orders, the higher its rank."""

    rank: Rank
    place: int
    cells: Sequence[Any]

    @property
    def is_named(self) -> bool:
        return self.rank[0]

    @property
    def is_record(self) -> bool:
        """Whether the row is one of the table, which has no headings then: it has a mobile."""
        return any(map(_is_mobile, self.cells))


def find_headings(source: TableSource) -> HeadingRow | None:
    """The row that names the most fields, otherwise the first with two cells, otherwise the first with any."""
    best: HeadingRow | None = None
    above: Sequence[Any] = ()
    doubtful: int | None = None
    for place, cells in zip(range(_WITHIN), source.read(None), strict=False):
        if isinstance(cells, DoubtfulRow):
            doubtful, above = doubtful or place + 1, ()
            continue
        for each in (cells, _below_groups(above, cells)):
            rank = _rank(each) if each else None
            if rank is not None and (best is None or rank > best.rank):
                best = HeadingRow(rank, place, each)
        above = cells
    if doubtful and not (best and best.is_named):
        # The unreadable line may be the row of headings.
        raise UnreadableFile(TableReason.QUOTES, doubtful)
    return best


def _rank(cells: Sequence[Any]) -> Rank | None:
    """Whether two fields are named, whether the mobile is, how many are, and whether two cells are filled."""
    filled = sum(map(is_filled, cells))
    guessed = guess_columns([cell if isinstance(cell, str) else "" for cell in cells])
    # The texts of a record may have words of headings.
    if len(guessed) >= _FEWEST_NAMED and not any(map(_is_mobile, cells)):
        return True, "mobile" in guessed, len(guessed), 0
    return (False, False, 0, min(filled, 2)) if filled else None


def _below_groups(above: Sequence[Any], cells: Sequence[Any]) -> Sequence[Any]:
    """*cells* completed by the headings of groups in the row *above*; empty where they can be no such pair."""
    texts = [cell.strip() if isinstance(cell, str) else "" for cell in cells]
    is_text = all(text or not is_filled(cell) for text, cell in zip(texts, cells, strict=True))
    if not is_text or sum(map(is_filled, above)) < _FEWEST_NAMED or not any(map(is_heading_word, texts)):
        return ()
    width = max(len(above), len(texts))
    groups = [str(cell).strip() if is_filled(cell) else "" for cell in above] + [""] * (width - len(above))
    texts += [""] * (width - len(texts))
    repeated = Counter(map(heading_key, texts))
    titles, group = [], ""
    for own_group, text in zip(groups, texts, strict=True):
        group = own_group or group
        is_clear = is_heading_word(text) and repeated[heading_key(text)] == 1
        titles.append(own_group if not text else text if is_clear else f"{group} {text}".strip())
    return titles


def _is_mobile(cell: Any) -> bool:
    try:
        canonical_mobile(as_text(cell))
    except MobileError:
        return False
    return True


def is_filled(cell: Any) -> bool:
    """Whether *cell* has a visible value."""
    return cell is not None and bool(str(cell).strip())
