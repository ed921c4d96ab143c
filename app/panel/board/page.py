"""The page of a board: its columns with their cards, and the part of it that a column loads further."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.panel.access import permitted
from app.panel.board import query as cards
from app.panel.board.declaration import Board
from app.panel.board.lane_view import BOARD, LaneView, board_of, lane_view
from app.panel.declaration import Declaration
from app.panel.displays.owners import complete_page
from app.panel.filters.base import PREFIX
from app.panel.lists.filter_form import ON_BOARD
from app.panel.lists.list_query import ListQuery, statement_of
from app.panel.lists.page import filter_chips, list_url, nothing_matches, tab_links
from app.panel.lists.row_menus import conditional
from app.panel.queries import counts, cursor
from app.panel.view_models import ROW_KEY, Button, Empty, FilterChip, MenuItem, TabLink, danger_last
from models.types import Choice


@dataclass(frozen=True)
class BoardPage:
    """A board, with the names of a `ListPage` for the tools over it."""

    title: str
    base_url: str
    search: str
    search_hint: str
    tabs: Sequence[TabLink]
    buttons: Sequence[Button]
    chips: Sequence[FilterChip]
    filters_url: str | None
    clear_url: str
    lanes: Sequence[LaneView]
    menus: Sequence[Sequence[MenuItem]]
    nothing: Empty | None  # where the search and the filters leave no card
    card: Any
    may_move: bool
    rows_url: str


def board_page(section: Declaration, query: ListQuery, arguments: MultiDict[str, str]) -> BoardPage:
    board = board_of(section)
    lanes = cards.members_of(section, board)
    sizes = cards.shown_sizes(board, lanes, arguments)
    tab_names = {
        tab.key: counts.count_name(section.model, tab.key) for tab in section.visible_tabs() if tab.counted
    }
    counted = _counts(section, board, query, lanes, tab_names)
    found = cards.read_lanes(section, board, query, sizes, counted)
    numbers = counted.all()
    complete_page(section, [row for each in found.values() for row in each.rows], ())
    at = f"{section.base_url}{BOARD}"
    views = [lane_view(section, lane, found[lane], arguments, numbers[lane.value]) for lane in lanes]
    filters = [name for name in arguments if name.startswith(PREFIX)]
    away = (*cursor.POSITION, *(name for name in arguments if name.startswith(cards.SHOWN)))
    return BoardPage(
        title=str(section.title),
        base_url=at,
        search=query.state.search,
        search_hint=str(section.search_hint),
        tabs=tab_links(section, query.state, arguments, {k: numbers[v] for k, v in tab_names.items()}, at=at),
        buttons=[each for each in section.list_buttons() if each.primary],
        chips=filter_chips(section, query, arguments, at=at, **{ON_BOARD: "1"}),
        filters_url=_filters_url(section, arguments, away),
        clear_url=list_url(section, arguments, drop=(*away, *filters), at=at),
        lanes=views,
        menus=[_menu(section, board, lane, found[lane].rows) for lane in lanes],
        nothing=nothing_matches(section, query, arguments, at=at)
        if query.is_filtered and not any(each.cards for each in views)
        else None,
        card=board.card,
        may_move=permitted(section, f"can_{board.right}"),
        rows_url=section.base_url,
    )


def _filters_url(section: Declaration, arguments: MultiDict[str, str], away: Sequence[str]) -> str | None:
    """The menu of the filters, which lead back to the board."""
    if not section.offered_filters():
        return None
    return list_url(section, arguments, drop=away, at=f"{section.base_url}filters", **{ON_BOARD: "1"})


def further_cards(
    section: Declaration, query: ListQuery, lane: Choice, arguments: MultiDict[str, str]
) -> LaneView:
    """The cards of *lane* after those that the page has."""
    board = board_of(section)
    found = cards.read_further(section, board, query, lane, arguments)
    complete_page(section, found.rows, ())
    return lane_view(section, lane, found, arguments)


def _counts(
    section: Declaration, board: Board, query: ListQuery, lanes: Sequence[Choice], tabs: Mapping[str, str]
) -> counts.Counts:
    """The counts of the columns and of the tabs, read with the cards."""
    statements = {
        lane.value: cards.lane_statement(section, board, query, lane).params(query.parameters)
        for lane in lanes
    }
    of_tabs = {tabs[tab.key]: statement_of(section, tab) for tab in section.visible_tabs() if tab.key in tabs}
    return counts.Counts({**statements, **of_tabs}, lasting=of_tabs, values=query.parameters)


def _menu(section: Declaration, board: Board, lane: Choice, rows: Sequence[Any]) -> Sequence[MenuItem]:
    """The ⋮ menu of the cards of a column: the other columns, then the menu of the section without what few rows allow."""
    moves = []
    if permitted(section, f"can_{board.right}"):
        moves = [
            MenuItem(
                _("Move to «%(lane)s»", lane=str(other)),
                board.lane(other).icon,
                f"{section.base_url}{ROW_KEY}/move?to={other.value}",
                "post",
            )
            for other in cards.members_of(section, board)
            if other is not lane
        ]
    few = {f"{section.base_url}action/{each.name}/{ROW_KEY}" for each in conditional(section)}
    own = [each for row in rows[:1] for each in section.row_menu(row) if each.url not in few]
    return danger_last([*moves, *own])
