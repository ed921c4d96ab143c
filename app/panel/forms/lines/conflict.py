"""Lines on the conflict page: each line that differs is a choice, and the others go with the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from app.lib.persian import group_number
from app.panel.forms.difference import Difference, Side, side_of
from app.panel.forms.lines.entry import LineEntry
from app.panel.forms.lines.field import LinesField
from app.panel.forms.locking import digest, line_as_text, line_name, submitted_texts


@dataclass(frozen=True)
class _Pair:
    """A line in both versions; None where a version does not have it."""

    mine: LineEntry | None
    theirs: LineEntry | None


def compare_lines(
    mine: LinesField, theirs: LinesField, loaded: Mapping[str, str]
) -> tuple[list[Difference], list[tuple[str, str]]]:
    """(the lines that differ, hidden fields with the lines that are equal), numbered as the merged form sends them."""
    differences, equal = [], []
    for number, pair in enumerate(_pairs(mine, theirs, loaded)):
        name = f"{mine.name}-{number}"
        if pair.mine and pair.theirs and line_as_text(pair.mine) == line_as_text(pair.theirs):
            equal.append((name, line_as_text(pair.mine)))
        else:
            label = f"{mine.lines.label_one} {group_number(number + 1)}"
            differences.append(_difference(name, label, pair, mine, loaded))
    return differences, equal


def _pairs(mine: LinesField, theirs: LinesField, loaded: Mapping[str, str]) -> list[_Pair]:
    """The lines of both versions in my order, or in theirs where I have not changed it."""
    old = {entry.key: entry for entry in mine.filled if entry.key}
    new = [entry for entry in mine.filled if not entry.key]
    saved = {entry.key: entry for entry in theirs.filled}
    first, second = (saved, old) if _order_untouched(mine, loaded) else (old, saved)
    keys = dict.fromkeys([*first, *second])
    return [*(_Pair(old.get(key), saved.get(key)) for key in keys), *(_Pair(entry, None) for entry in new)]


def _order_untouched(mine: LinesField, loaded: Mapping[str, str]) -> bool:
    [(name, order), *_lines] = submitted_texts(mine)
    return loaded.get(name) == digest(order)


def _difference(
    name: str, label: str, pair: _Pair, field: LinesField, loaded: Mapping[str, str]
) -> Difference:
    entry = pair.mine or pair.theirs
    before = loaded.get(line_name(field, entry)) if entry is not None and entry.key else None
    mine_untouched = _digest(pair.mine) == before
    theirs_untouched = _digest(pair.theirs) == before
    return Difference(
        name=name,
        label=label,
        # A line that is not stored any more is a new one.
        mine=_side(pair.mine, with_key=pair.theirs is not None),
        theirs=_side(pair.theirs),
        keep="theirs" if mine_untouched else "mine",
        both_changed=not (mine_untouched or theirs_untouched),
    )


def _digest(entry: LineEntry | None) -> str | None:
    return None if entry is None else digest(line_as_text(entry))


def _side(entry: LineEntry | None, *, with_key: bool = True) -> Side:
    if entry is None:
        return Side("", _("Without this line"))
    words = "\n".join(f"{field.label.text}: {side_of(field).text}" for field in entry.form)
    return Side(line_as_text(entry, with_key=with_key), words)
