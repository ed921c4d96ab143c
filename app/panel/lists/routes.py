"""The list of a section: its route, and how its page is put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import inspect
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.panel.access import permitted, requires, wants_fragment
from app.panel.columns import Column
from app.panel.declaration import Tab
from app.panel.export.routes import ExportRoutes
from app.panel.filters.base import PREFIX
from app.panel.lists.contributions import contributions_to
from app.panel.lists.filter_routes import FilterRoutes
from app.panel.lists.list_query import ListQuery
from app.panel.lists.preferences import ADDRESSED
from app.panel.lists.row_menus import RowMenus
from app.panel.lists.saved_views import ViewRoutes
from app.panel.lists.table import TableRows
from app.panel.queries import counts as counting
from app.panel.queries import cursor, fetch, pagination
from app.panel.queries.arguments import ListState
from app.panel.queries.projection import Projection, projection_of
from app.panel.responses import with_etag
from app.panel.view_models import (
    BulkButton,
    Button,
    Chip,
    Empty,
    Heading,
    ListPage,
    TableTools,
    TabLink,
)
from models.table_view import Density

# What of an address does not say which rows are meant.
_BESIDE_THE_ROWS = (*cursor.POSITION, *ADDRESSED, "sort")


class ListRoutes(FilterRoutes, ViewRoutes, ExportRoutes, TableRows):
    """GET / and /list/."""

    @expose("/")
    @requires("list")
    def index(self) -> Response:
        return self._answer()

    @expose("/list/")
    @requires("list")
    def list(self) -> Response:
        return self._answer()

    def _answer(self) -> Response:
        default = None if request.args else self.opening_view()
        if default is not None:
            return self.open_list_with(default)
        list_query = self.list_query(self.with_choice(request.args))
        return self.refused_filters(list_query) or with_etag(self.render_list(list_query))

    def render_list(self, list_query: ListQuery) -> str:
        template = "panel/lists/_list.html" if wants_fragment() else self.list_template
        return self.render_template(template, page=self.list_page(list_query, request.args), section=self)

    def list_page(self, list_query: ListQuery, arguments: MultiDict[str, str]) -> ListPage:
        names = {
            tab.key: counting.count_name(self.model, tab.key) for tab in self.visible_tabs() if tab.counted
        }
        # Of rows that no tab counts the page may tell by itself how many there are.
        open_tab = names.get(list_query.tab.key) if list_query.tab and not list_query.is_filtered else None
        counts = self._counts_of(names, open_tab)
        peeks = open_tab is None and not counting.is_long(self._rows_name(arguments))
        extras = fetch.PageExtras(counts, open_tab, peeks=peeks)
        page_data = self.page_data(list_query, counting.COUNT_CAP + 1, arguments, extras)
        numbers = counts.all()
        total = page_data.known_total
        if total is None:
            total = self._count(list_query, arguments) if open_tab is None else numbers[open_tab]
        self.complete(page_data.shown.rows)
        tabs = {key: numbers[name] for key, name in names.items()}
        return self._page(list_query, replace(page_data, total=total), tabs)

    def _counts_of(self, names: Mapping[str, str], open_tab: str | None) -> counting.Counts:
        """The numbers on the tabs with these names; exact up to the cap for the one that is open."""
        statements = {
            names[tab.key]: self.statement_of(tab) for tab in self.visible_tabs() if tab.key in names
        }
        return counting.Counts(statements, exact=() if open_tab is None else {open_tab}, lasting=statements)

    def _count(self, list_query: ListQuery, arguments: MultiDict[str, str]) -> int:
        name = self._rows_name(arguments)
        return counting.Counts(
            {name: list_query.template}, exact={name}, lasting={name}, values=list_query.parameters
        ).all()[name]

    def _rows_name(self, arguments: MultiDict[str, str]) -> str:
        """The list's address without its place says which rows are counted."""
        return self.url(arguments, drop=_BESIDE_THE_ROWS)

    def page_data(
        self,
        list_query: ListQuery,
        total: int,
        arguments: MultiDict[str, str],
        extras: fetch.PageExtras | None = None,
    ) -> pagination.ListPageData:
        """The page of *list_query* that *arguments* ask for; there are *total* rows, as far as they were counted."""
        order, size = list_query.order, list_query.state.size
        place, projection = cursor.read_cursor(arguments, order), self.projection()

        def turn(place: cursor.Cursor) -> cursor.Slice:
            return fetch.fetch_page(
                list_query.template,
                projection,
                order,
                place,
                size=size,
                total=total,
                values=list_query.parameters,
                extras=extras,
            )

        shown = turn(place)
        if place.anchor and not shown.has_previous and len(shown.rows) < size:
            # Turned back over the beginning, or the rows after the one in the address are gone.
            place = cursor.Cursor()
            shown = turn(place)
        return pagination.ListPageData(shown, place, order, total, arguments)

    def projection(self) -> Projection:
        """What the page loads of each row."""
        paths = [column.path for column in [*self.shown_columns(), *map(self.describe, self.sortable)]]
        version = ["row_version"] if "row_version" in inspect(self.model).attrs else []
        return projection_of(
            self.model, (*paths, *self.preload, "__str__", *version, *sorted(self._orders()))
        )

    def _orders(self) -> set[str]:
        declared = [self.sort, *(tab.sort for tab in self.tabs if tab.sort)]
        return {path.removeprefix("-") for path in declared}

    def complete(self, rows: Sequence[Any]) -> None:
        """Give the rows of a page what no column holds, for all of them at once."""

    def _page(
        self, list_query: ListQuery, page_data: pagination.ListPageData, counts: Mapping[str, int]
    ) -> ListPage:
        state, tab = list_query.state, list_query.tab
        arguments = page_data.arguments
        menus = RowMenus(self.menu_kind, self.row_menu)
        return ListPage(
            title=str(self.title),
            title_one=str(self.title_one),
            base_url=self.base_url,
            search=state.search,
            search_hint=str(self.search_hint),
            columns=[self.heading(column, state, arguments) for column in self.shown_columns()],
            rows=self.table_rows(page_data.shown.rows, menus),
            menus=menus.menus,
            first=page_data.first,
            last=page_data.last,
            total=min(page_data.total, counting.COUNT_CAP),
            total_is_capped=page_data.total > counting.COUNT_CAP,
            turns=page_data.page_links(
                state.size, lambda changes: self.url(arguments, drop=cursor.POSITION, **changes)
            ),
            bulk_url=f"{self.base_url}action_post",
            query=self.url(arguments, drop=cursor.POSITION).removeprefix(self.base_url).removeprefix("?"),
            empty=Empty(str(tab.empty), "") if tab and tab.empty else self.empty_state(),
            filtered=list_query.is_filtered,
            tabs=self._tab_links(self.visible_tabs(), state, arguments, counts),
            chips=self._chips(list_query, arguments),
            filters_url=self._filters_url(arguments) if self.offered_filters() else None,
            clear_url=self.url(arguments, drop=(*cursor.POSITION, *_filters_in(arguments))),
            bulk=self.bulk_buttons(),
            buttons=[
                *self.export_button(self.url(arguments, drop=cursor.POSITION, at=f"{self.base_url}export")),
                *self.list_buttons(),
            ],
            table=self._table_tools(arguments),
            note=self.note_over(tab) if page_data.shown.rows else None,
        )

    def note_over(self, tab: Tab | None) -> str | None:
        """A sentence over the rows of *tab*, as sections override it."""
        return None

    def _table_tools(self, arguments: MultiDict[str, str]) -> TableTools:
        choice = self.table_choice()
        return TableTools(
            is_compact=choice.density is Density.COMPACT,
            settings_url=self.url(arguments, drop=cursor.POSITION, at=f"{self.base_url}table"),
            views_url=self.url(arguments, drop=cursor.POSITION, at=f"{self.base_url}views"),
            view_name=choice.view_name,
            print_url=self.url(arguments, drop=cursor.POSITION, at=f"{self.base_url}print"),
        )

    def bulk_buttons(self) -> Sequence[BulkButton]:
        acts = [BulkButton(a.name, str(a.label), a.icon, a.danger) for a in self.offered() if a.bulk]
        contributed = [button for each in contributions_to(self) for button in each.bulk_buttons(self)]
        return [*contributed, *self.export_bulk(), *acts]

    def list_buttons(self) -> Sequence[Button]:
        if not permitted(self, "can_add"):
            return []
        label = _("Add %(what)s", what=self.title_one)
        return [Button(label, "plus", f"{self.base_url}add", "page", primary=True)]

    def empty_state(self) -> Empty:
        button = next(iter(self.list_buttons()), None)
        hint = str(self.empty_hint or _("What you add will stand here."))
        if button is None:
            return Empty(_("Nothing here yet."), hint)
        return Empty(_("Nothing here yet."), hint, button.label, button.url)

    def heading(
        self, column: Column, state: ListState, arguments: MultiDict[str, str], *, at: str = ""
    ) -> Heading:
        """What stands over *column*, with the way to the other order."""
        kind = "chip" if column.path in self.chips else column.kind.value
        if column.path not in self.sortable:
            return Heading(column.path, str(column.label), kind)
        is_sorted = state.sort == column.path
        turn = f"-{column.path}" if is_sorted and not state.descending else column.path
        direction = ("desc" if state.descending else "asc") if is_sorted else None
        url = self.url(arguments, sort=turn, drop=cursor.POSITION, at=at)
        return Heading(column.path, str(column.label), kind, url, direction)  # type: ignore[arg-type]  # literal

    def _chips(self, list_query: ListQuery, arguments: MultiDict[str, str]) -> Sequence[Chip]:
        """What is filtered by, and what could not be read of it; each leads to its inputs and away."""
        read = [(each.label, each.words, each.arguments, False) for each in list_query.filters.applied]
        read += [(each.label, each.sentence, each.arguments, True) for each in list_query.filters.problems]
        return [
            Chip(label, words, self.url(arguments, drop=(*names, *cursor.POSITION)), is_problem)
            for label, words, names, is_problem in read
        ]

    def _filters_url(self, arguments: MultiDict[str, str]) -> str:
        return self.url(arguments, drop=cursor.POSITION, at=f"{self.base_url}filters")

    def _tab_links(
        self,
        tabs: Sequence[Tab],
        state: ListState,
        arguments: MultiDict[str, str],
        counts: Mapping[str, int],
    ) -> Sequence[TabLink]:
        return [
            TabLink(
                tab.key,
                str(tab.label),
                self.url(arguments, tab=tab.key, drop=cursor.POSITION),
                counts.get(tab.key),
                tab.key == state.tab,
            )
            for tab in tabs
        ]

    def url(
        self, arguments: MultiDict[str, str], *, drop: Sequence[str] = (), at: str = "", **changes: Any
    ) -> str:
        """The list's open_tab address with some arguments changed: everything a list shows lives in it."""
        base = at or self.base_url
        kept = [(k, v) for k, v in arguments.items(multi=True) if k not in drop and k not in changes]
        kept += [(name, str(value)) for name, value in changes.items()]
        return f"{base}?{urlencode(kept)}" if kept else base


def _filters_in(arguments: MultiDict[str, str]) -> list[str]:
    return [name for name in arguments if name.startswith(PREFIX)]
