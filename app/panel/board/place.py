"""The place of a moved card, between the cards that its board showed as its neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

from app.extensions import db
from app.lib.position import LONGEST, is_key, key_between
from app.panel.board.declaration import Board
from app.panel.declaration import Declaration
from app.panel.forms.rules import refuse_broken_rules
from app.panel.queries.cursor_values import MOST_NUMBER
from models.types import Choice


@dataclass(frozen=True)
class Move:
    """Where a card goes: its column, the keys of its neighbours, or its former place."""

    lane: Choice
    above: int | None = None
    below: int | None = None
    at: str | None = None

    @classmethod
    def read(cls, lane: Choice, sent: Mapping[str, str]) -> Move:
        """The move that a request asks for; unreadable neighbours are left out."""
        at = sent.get("at", "")
        return cls(lane, _key(sent.get("above", "")), _key(sent.get("below", "")), at if is_key(at) else None)


def move_card(section: Declaration, board: Board, row: Any, move: Move) -> None:
    """Write the new column and place of *row*; raises `DomainError` where a rule of the section refuses it."""
    has_place = move.above is not None or move.below is not None or move.at is not None
    if getattr(row, board.by) is move.lane and not has_place:
        return
    place = move.at or _place(section, board, row, move)
    setattr(row, board.by, move.lane)
    setattr(row, board.order, place)
    refuse_broken_rules(section, [row])


def _place(section: Declaration, board: Board, row: Any, move: Move) -> str:
    """A key between the neighbours, as they are by now.

    A neighbour that left the column does not count. Where both stayed and changed places, the card comes after the upper one.
    """
    neighbours = _Neighbours(section, board, row, move.lane)
    above, below = neighbours.place_of(move.above), neighbours.place_of(move.below)
    if above is not None and (below is None or below <= above):
        below = neighbours.after(above)
    elif below is not None and above is None:
        above = neighbours.before(below)
    elif above is None:
        below = neighbours.first()
    key = key_between(above, below)
    return key if len(key) <= LONGEST else key_between(None, neighbours.first())


class _Neighbours:
    """The places of the other cards of a column."""

    def __init__(self, section: Declaration, board: Board, row: Any, lane: Choice) -> None:
        model: Any = section.model
        self._order, self._key = getattr(model, board.order), model.id
        self._cards = section.statement().where(getattr(model, board.by) == lane, model.id != row.id)

    def place_of(self, key: int | None) -> str | None:
        return None if key is None else self._read(self._key == key)

    def after(self, place: str) -> str | None:
        return self._read(self._order > place)

    def before(self, place: str) -> str | None:
        return self._read(self._order < place, descending=True)

    def first(self) -> str | None:
        return self._read()

    def _read(self, *conditions: ColumnElement[bool], descending: bool = False) -> str | None:
        by = self._order.desc() if descending else self._order
        statement = self._cards.where(*conditions).with_only_columns(self._order).order_by(by).limit(1)
        found: str | None = db.session.scalar(statement)
        return found


def _key(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= 18
    return int(text) if is_number and 0 < int(text) <= MOST_NUMBER else None
