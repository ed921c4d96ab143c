"""The columns and the cards of a board as its page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from app.panel.access import permitted, permitted_section
from app.panel.actor import currency
from app.panel.board import query as cards
from app.panel.board.declaration import Board, Lane
from app.panel.declaration import Declaration
from app.panel.displays.owners import hidden_names
from app.panel.formatting import NOTHING, badge
from app.panel.lists.page import list_url
from app.panel.queries import counts, cursor
from app.panel.view_models import Cell
from models.types import Choice

BOARD = "board"


class CardView(NamedTuple):
    """A card."""

    pk: int
    version: int
    title: Cell
    url: str | None
    text: str
    when: Cell | None
    link: str
    link_url: str | None
    who: str


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
        cards=[_card(section, board, row) for row in found.rows],
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


def _card(section: Declaration, board: Board, row: Any) -> CardView:
    parts = board.card
    may_show = permitted(section, "can_show")
    related = _value(row, parts.link)
    has_page = bool(related) and permitted_section(parts.link_section, "can_show") is not None
    text = _value(row, parts.text)
    return CardView(
        pk=row.id,
        version=row.row_version,
        title=_cell(section, parts.title, row),
        url=f"{section.base_url}show/{row.id}" if may_show else None,
        text=str(text) if text else "",
        when=_cell(section, parts.when, row) if parts.when and _is_shown(section, parts.when, row) else None,
        link=str(related) if related else "",
        link_url=f"/{parts.link_section}/show/{related.id}" if has_page else None,
        who=str(_value(row, parts.who) or "") if parts.who not in hidden_names(section) else "",
    )


def _value(row: Any, path: str | None) -> Any:
    return getattr(row, path) if path else None


def _cell(section: Declaration, path: str, row: Any) -> Cell:
    return section.cell_of(section.describe(path), row, currency())


def _is_shown(section: Declaration, path: str, row: Any) -> bool:
    return bool(_cell(section, path, row).text != NOTHING)
