"""The tabs of a row's page: its facts, the rows of other sections that belong to it, and its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from sqlalchemy import Select, inspect
from werkzeug.datastructures import MultiDict

from app.extensions import appbuilder
from app.panel.access import permitted
from app.panel.declaration import Declaration
from app.panel.filters.parsing import Readings
from app.panel.lists.list_query import ListQuery, ordering
from app.panel.lists.page import heading, list_url, page_data
from app.panel.lists.row_menus import RowMenus
from app.panel.lists.table import table_rows
from app.panel.queries import counts as counting
from app.panel.queries import cursor
from app.panel.queries.arguments import read_state
from app.panel.view_models import Empty, ListPage, TabLink

TAB = "tab"


@dataclass(frozen=True)
class Related:
    """The rows of `section` whose relation leads to one row."""

    section: Declaration
    statement: Select[Any]

    @property
    def key(self) -> str:
        return str(self.section.slug)


def related_of(section: Declaration, row: Any) -> Sequence[Related]:
    """What belongs to *row*, in the sections that the member may list."""
    found = []
    for other, relation in _belonging(section):
        if permitted(other, "can_list"):
            (column,) = inspect(other.model).relationships[relation].local_columns
            key = getattr(other.model, inspect(other.model).get_property_by_column(column).key)
            found.append(Related(other, other.statement().where(key == row.id)))
    return found


def _belonging(section: Declaration) -> list[tuple[Any, str]]:
    """(section, its relation to ours): those that ours names, then those that name ours."""
    views = {view.slug: view for view in appbuilder.baseviews if isinstance(view, Declaration)}
    named = [path.partition(".")[::2] for path in section.related]
    found = [(views[slug], relation) for slug, relation in named]
    for view in sorted(views.values(), key=lambda each: each.menu_order):
        targets = inspect(view.model).relationships
        found += [(view, name) for name in view.appears_on if targets[name].mapper.class_ is section.model]
    return found


def tabs_of(section: Declaration, row: Any, related: Sequence[Related], active: str) -> Sequence[TabLink]:
    """Links to all tabs, with the number of rows in each; nothing where the page has but one."""
    base = f"{section.base_url}show/{row.id}"
    counts = counting.capped_counts({f"{each.key} of a row": each.statement for each in related})
    tabs = [TabLink("facts", _("Facts"), base, None, active == "facts")]
    for each in related:
        url = f"{base}?{urlencode({TAB: each.key})}"
        count = counts[f"{each.key} of a row"]
        tabs.append(TabLink(each.key, str(each.section.title), url, count, active == each.key))
    if permitted(section, "can_trail"):
        tabs.append(
            TabLink("trail", _("Events"), f"{section.base_url}trail/{row.id}", None, active == "trail")
        )
    return tabs if len(tabs) > 1 else ()


def related_page(related: Related, arguments: MultiDict[str, str], base: str) -> ListPage:
    """One page of the rows, as their own list shows them; without its bulk bar."""
    other = related.section
    state = read_state(arguments, sortable=other.sortable, tabs=())
    list_query = ListQuery(related.statement, {}, state, Readings((), ()), None, ordering(other, state, None))
    total = counting.capped_counts(
        {f"all {related.key} of a row": related.statement}, exact={f"all {related.key} of a row"}
    )
    data = page_data(other, list_query, next(iter(total.values())), arguments)
    other.complete(data.shown.rows)
    menus = RowMenus(other.menu_kind, other.row_menu)
    return ListPage(
        title=str(other.title),
        title_one=str(other.title_one),
        base_url=base,
        search="",
        search_hint="",
        columns=[heading(other, column, state, arguments, at=base) for column in other.shown_columns()],
        rows=table_rows(other, data.shown.rows, menus),
        menus=menus.menus,
        first=data.first,
        last=data.last,
        total=min(data.total, counting.COUNT_CAP),
        total_is_capped=data.total > counting.COUNT_CAP,
        page_links=data.page_links(
            state.size, lambda changes: list_url(other, arguments, drop=cursor.POSITION, at=base, **changes)
        ),
        bulk_url="",
        query=None,
        empty=Empty(_("Nothing here yet."), ""),
        filtered=False,
    )
