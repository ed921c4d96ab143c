"""The tabs of a row's page: its facts, related rows of other sections, and its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from sqlalchemy import Select, inspect
from werkzeug.datastructures import MultiDict

from app.extensions import appbuilder
from app.panel.access import permitted
from app.panel.declaration import Declaration
from app.panel.displays.owners import complete_page
from app.panel.filters.parsing import Readings
from app.panel.lists.list_query import ListQuery, ordering
from app.panel.lists.page import headings, list_url, page_data, row_url
from app.panel.lists.row_menus import RowMenus, conditional
from app.panel.lists.table import inline_names, table_rows
from app.panel.queries import counts, cursor
from app.panel.queries.arguments import read_state
from app.panel.view_models import ListPage, TabLink
from models.base import Row

TAB = "tab"


@dataclass(frozen=True)
class Related:
    """The rows of `section` that refer to one row."""

    section: Declaration
    statement: Select[Any]

    @property
    def key(self) -> str:
        return str(self.section.slug)


def related_of(section: Declaration, row: Row) -> Sequence[Related]:
    """The related rows of *row*, in the sections that the member may list."""
    found = []
    for other, relation in _related_sections(section):
        if permitted(other, "can_list"):
            (column,) = inspect(other.model).relationships[relation].local_columns
            key = getattr(other.model, inspect(other.model).get_property_by_column(column).key)
            found.append(Related(other, other.statement().where(key == row.id)))
    return found


def _related_sections(section: Declaration) -> list[tuple[Any, str]]:
    """Other sections with their relation to *section*: those of `related`, then those with `appears_on`."""
    views = {view.slug: view for view in appbuilder.baseviews if isinstance(view, Declaration)}
    named = [path.partition(".")[::2] for path in section.related]
    found = [(views[slug], relation) for slug, relation in named]
    for view in sorted(views.values(), key=lambda each: each.menu_order):
        targets = inspect(view.model).relationships
        found += [(view, name) for name in view.appears_on if targets[name].mapper.class_ is section.model]
    return found


def tabs_of(section: Declaration, row: Row, related: Sequence[Related], active: str) -> Sequence[TabLink]:
    """Links to all tabs with their row counts; empty when there is only one tab."""
    base = f"{section.base_url}show/{row.id}"
    numbers = counts.capped_counts({f"{each.key} of a row": each.statement for each in related})
    label = _("Facts") if section.timeline is None else _("Everything")
    tabs = [TabLink("facts", label, base, None, active == "facts")]
    for each in related:
        url = f"{base}?{urlencode({TAB: each.key})}"
        count = numbers[f"{each.key} of a row"] or None
        tabs.append(TabLink(each.key, str(each.section.title), url, count, active == each.key))
    if permitted(section, "can_trail"):
        tabs.append(
            TabLink("trail", _("Events"), f"{section.base_url}trail/{row.id}", None, active == "trail")
        )
    return tabs if len(tabs) > 1 else ()


def related_page(related: Related, arguments: MultiDict[str, str], base: str) -> ListPage:
    """One page of the related rows, like their own list without the bulk bar."""
    other = related.section
    state = read_state(arguments, sortable=other.sortable, tabs=())
    list_query = ListQuery(related.statement, {}, state, Readings((), ()), None, ordering(other, state, None))
    total = counts.capped_counts(
        {f"all {related.key} of a row": related.statement}, exact={f"all {related.key} of a row"}
    )
    data = page_data(other, list_query, next(iter(total.values())), arguments)
    complete_page(other, data.shown.rows, other.shown_columns())
    menus = RowMenus(other.menu_kind, other.row_menu, conditional(other))
    return ListPage(
        title=str(other.title),
        title_one=str(other.title_one),
        base_url=base,
        search="",
        search_hint="",
        columns=headings(other, other.shown_columns(), state, arguments, at=base),
        rows=table_rows(other, data.shown.rows, menus),
        menus=menus.menus,
        first=data.first,
        last=data.last,
        total=min(data.total, counts.COUNT_CAP),
        total_is_capped=data.total > counts.COUNT_CAP,
        page_links=data.page_links(
            state.size, lambda changes: list_url(other, arguments, drop=cursor.POSITION, at=base, **changes)
        ),
        bulk_url="",
        show_url=row_url(other),
        inline_url=f"{other.base_url}inline/" if inline_names(other) else None,
        query=None,
        empty=replace(other.empty_state(), label=None, url=None),
        filtered=False,
    )
