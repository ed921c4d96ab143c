"""The cards of a board as its page shows them."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.panel.access import permitted, permitted_section
from app.panel.actor import currency
from app.panel.board.declaration import Board
from app.panel.declaration import Declaration
from app.panel.displays.owners import hidden_names
from app.panel.formatting import NOTHING
from app.panel.view_models import Cell


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


def card_view(section: Declaration, board: Board, row: Any) -> CardView:
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
