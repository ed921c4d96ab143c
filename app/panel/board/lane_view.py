"""The columns of a board as its page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from app.panel.access import permitted
from app.panel.board import query as cards
from app.panel.board.card_view import CardView, card_view
from app.panel.board.declaration import Board, Lane
from app.panel.declaration import Declaration
from app.panel.formatting import badge
from app.panel.lists.page import list_url
from app.panel.queries import counts, cursor
from models.types import Choice

BOARD = "board"


class LaneView(NamedTuple):
    """A column of a board."""

    value: str
    label: str
    look: Lane
    number: int  # of its menu
    cards: Sequence[CardView]
    total: str
    more: int | None  # how many cards follow; None for none, 0 for an unknown number
    more_url: str
    all_url: str  # the page with further cards, for browsers without scripts
    tick: str | None  # the column that the tick of a card leads to
    add_url: str | None


def board_of(section: Any) -> Board:
    board: Board = section.board
    return board


def lane_view(
    section: Declaration,
    lane: Choice,
    found: cards.LaneCards,
    arguments: MultiDict[str, str],
    total: int | None = None,
) -> LaneView:
    board, shown = board_of(section), len(found.rows)
    look = board.lane(lane)
    may_add = permitted(section, "can_add") and not look.is_over
    following = {
        cursor.AFTER: cursor.encode_cursor(getattr(found.rows[-1], board.order), found.rows[-1].id)
        if found.rows
        else ""
    }
    further = shown + cards.LANE_SIZE
    base = f"{section.base_url}{BOARD}"
    return LaneView(
        value=lane.value,
        label=str(lane),
        look=look,
        number=cards.members_of(section, board).index(lane),
        cards=[card_view(section, board, row) for row in found.rows],
        total="" if total is None else badge(total),
        more=None if not found.has_more else max(0, (total or 0) - shown) if _is_known(total) else 0,
        more_url=list_url(section, arguments, at=f"{base}/{lane.value}", drop=cursor.POSITION, **following),
        all_url=list_url(
            section,
            arguments,
            at=base,
            drop=(*cursor.POSITION, f"{cards.SHOWN}{lane.value}"),
            **{f"{cards.SHOWN}{lane.value}": further},
        ),
        tick=str(look.tick) if look.tick is not None and permitted(section, f"can_{board.right}") else None,
        add_url=f"{section.base_url}add?{board.by}={lane.value}" if may_add else None,
    )


def _is_known(total: int | None) -> bool:
    return total is not None and total <= counts.BADGE_CAP
