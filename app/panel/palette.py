"""The results of the command palette: sections to add rows to, and rows found by a word or number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from flask_babel import gettext as _

from app.extensions import appbuilder, db
from app.panel.access import permitted
from app.panel.actor import acts_somewhere
from app.panel.queries.search import searched
from app.panel.section import Section

MOST_FOUND, SHORTEST = 8, 2


class PaletteItem(TypedDict):
    """One line of the palette."""

    label: str
    hint: str
    icon: str
    url: str


class PaletteGroup(TypedDict):
    label: str
    choices: list[PaletteItem]


def additions() -> PaletteGroup:
    """«Add …» for each section to which the member may add rows."""
    choices = [
        PaletteItem(
            label=_("Add %(what)s", what=each.title_one), hint="", icon="plus", url=f"{each.base_url}add"
        )
        for each in _sections()
        if "add" not in each.exclude_route_methods and permitted(each, "can_add")
    ]
    return PaletteGroup(label=_("Add"), choices=choices)


def find_rows(text: str) -> list[PaletteGroup]:
    """The newest rows that match *text*, by section with `in_palette`."""
    if len(text.strip()) < SHORTEST:
        return []
    found = [PaletteGroup(label=str(each.title), choices=_found_in(each, text)) for each in _sections()]
    return [group for group in found if group["choices"]]


def _found_in(section: Section, text: str) -> list[PaletteItem]:
    if not (section.in_palette and permitted(section, "can_list") and permitted(section, "can_show")):
        return []
    condition = searched(section.model, section.search, text)
    if condition is None:
        return []
    newest = condition.narrow(section.statement()).order_by(section.model.id.desc())
    return [
        PaletteItem(
            label=str(row),
            hint=section.palette_hint(row),
            icon=section.icon,
            url=f"{section.base_url}show/{row.id}",
        )
        for row in db.session.scalars(newest.limit(MOST_FOUND))
    ]


def _sections() -> Iterator[Section]:
    acts = acts_somewhere()
    mounted = [view for view in appbuilder.baseviews if isinstance(view, Section)]
    mounted = [view for view in mounted if acts or not view.needs_organization]
    return iter(sorted(mounted, key=lambda view: view.menu_order))
