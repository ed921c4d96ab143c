"""The card that a row of a list becomes on a phone: the place of each column on it, as a class of its cells."""

from __future__ import annotations

from collections.abc import Sequence

from app.panel.columns import Column, Kind
from app.panel.declaration import Declaration
from app.panel.displays import Chip, RelativeTime
from app.panel.words import Card

_TIMES = (Kind.DATE, Kind.DATETIME)
# What a second line does not say: texts of several lines, and marks that need their heading.
_UNSUITED = (Kind.LONG_TEXT, Kind.BOOLEAN, Kind.COLOUR)


def card_places(section: Declaration, columns: Sequence[Column]) -> dict[str, str]:
    """The class of each column that stands on the card; the first column is the name of the row."""
    card = section.card or default_card(section, columns)
    shown = {column.path for column in columns[1:]}
    kinds = {column.path: "card-time" if _is_time(section, column) else "card-line" for column in columns}
    places = {path: kinds[path] for path in card.line if path in shown}
    marks = {card.chip: "card-chip", card.call: "card-call"}
    return places | {path: place for path, place in marks.items() if path in shown}


def default_card(section: Declaration, columns: Sequence[Column]) -> Card:
    """The first chip and number; on the second line the first other column and the first moment."""
    rest = columns[1:]
    chip = next((each.path for each in rest if isinstance(section.displays.get(each.path), Chip)), None)
    call = next((each.path for each in rest if each.kind is Kind.MOBILE), None)
    when = next((each.path for each in rest if _is_time(section, each)), None)
    taken = {chip, call, when}
    others = [each.path for each in rest if each.path not in taken and each.kind not in _UNSUITED]
    line = [*others[: 1 if when else 2], *([when] if when else [])]
    return Card(line, chip, call)


def _is_time(section: Declaration, column: Column) -> bool:
    return column.kind in _TIMES or isinstance(section.displays.get(column.path), RelativeTime)
