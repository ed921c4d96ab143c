"""The member's preferences for a list: columns, density, page size and default view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, request
from sqlalchemy import BindParameter, Select, and_, bindparam, or_, select

from app.extensions import db
from app.panel.actor import member_id
from models.table_view import Density, TableSettings, TableView

# The arguments of an address for the table and the view.
COLUMNS, DENSITY, SIZE, VIEW = "cols", "density", "size", "view"
ADDRESSED = (COLUMNS, DENSITY, SIZE, VIEW)
LONGEST_KEY = 18


@dataclass(frozen=True)
class TableChoice:
    """The settings of a table: those in the address, else the member's, else empty for those of the declaration."""

    columns: Sequence[str] = ()
    density: Density = Density.COMFORTABLE
    size: int | None = None
    default_id: int | None = None
    view_id: int | None = None
    view_name: str = ""


_SECTION: BindParameter[str] = bindparam("section")
_MEMBER: BindParameter[int] = bindparam("member")
_VIEW: BindParameter[int] = bindparam("view")
_MINE = TableView.member_id == _MEMBER
_SHOWN = and_(TableView.id == _VIEW, TableView.section == _SECTION, or_(_MINE, TableView.is_shared.is_(True)))
_SETTINGS = select(
    TableSettings.density, TableSettings.page_size, TableSettings.columns, TableSettings.default_view_id
).where(TableSettings.member_id == _MEMBER, TableSettings.section == _SECTION)
_VIEW_SHOWN = select(TableView.id, TableView.name).where(_SHOWN)


def table_choice(section: str) -> TableChoice:
    """The settings of the list of *section*, read once per request."""
    known: dict[str, TableChoice] = g.setdefault("table_choices", {})
    if section not in known:
        known[section] = _read(section)
    return known[section]


def _read(section: str) -> TableChoice:
    density, size, columns, default = _settings(section) or (None, None, None, None)
    view_id, view_name = _view_shown(section) or (None, "")
    asked = request.args.get(COLUMNS, "")[:1_000]
    return TableChoice(
        columns=asked.split(",") if asked else columns or (),
        density=read_density(request.args.get(DENSITY, "")) or density or Density.COMFORTABLE,
        size=size,
        default_id=default,
        view_id=view_id,
        view_name=view_name,
    )


def _settings(section: str) -> Any:
    """The member's stored settings of the list."""
    # A browser session loads the settings of all lists together with itself.
    if "chosen_tables" in g:
        return g.chosen_tables.get(section)
    return db.session.execute(_SETTINGS, {"section": section, "member": member_id()}).one_or_none()


def _view_shown(section: str) -> Any:
    """The saved view that the address names."""
    key = read_key(request.args.get(VIEW, ""))
    if not key:
        return None
    values = {"section": section, "view": key, "member": member_id()}
    return db.session.execute(_VIEW_SHOWN, values).one_or_none()


def read_key(text: str) -> int:
    """A key from an address; 0, which no row has, for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_KEY else 0


def read_density(text: str) -> Density | None:
    return next((each for each in Density if each.value == text), None)


def my_views(section: str) -> Select[Any]:
    """The saved views of the list of *section* that the member may open: their own and the shared ones."""
    mine = or_(TableView.member_id == member_id(), TableView.is_shared.is_(True))
    return (
        select(TableView)
        .where(TableView.section == section, mine)
        .order_by(TableView.is_shared, TableView.name)
    )
