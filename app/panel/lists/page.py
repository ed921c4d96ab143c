"""The page of a list: its rows, their count and its links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from sqlalchemy import inspect
from werkzeug.datastructures import MultiDict

from app.panel.access import permitted
from app.panel.actor import currency
from app.panel.columns import Column, Kind
from app.panel.declaration import Declaration
from app.panel.displays.owners import complete_page
from app.panel.filters.base import PREFIX
from app.panel.formatting import currency_unit
from app.panel.lists.cards import card_places
from app.panel.lists.list_query import ListQuery, statement_of
from app.panel.lists.row_acts import acts_heading
from app.panel.lists.row_menus import RowMenus, conditional
from app.panel.lists.table import inline_names, table_rows
from app.panel.queries import counts, cursor, fetch
from app.panel.queries.arguments import ListState
from app.panel.queries.pagination import ListPageData
from app.panel.queries.preferences import ADDRESSED, table_choice
from app.panel.queries.projection import Projection, projection_of
from app.panel.view_models import Button, Empty, FilterChip, Heading, ListPage, PageLinks, TableTools, TabLink
from models.table_view import Density

Arguments = MultiDict[str, str]
# The argument that names the field whose values the filters show.
FIELD = "field"
# The arguments of an address that do not restrict the rows.
_DISPLAY_ARGUMENTS = (*cursor.POSITION, *ADDRESSED, "sort")


def list_page(section: Declaration, query: ListQuery, arguments: Arguments) -> ListPage:
    names = {
        tab.key: counts.count_name(section.model, tab.key) for tab in section.visible_tabs() if tab.counted
    }
    open_tab = names.get(query.tab.key) if query.tab and not query.is_filtered else None
    tab_count_query = _counts_of(section, names, open_tab)
    # Without a counted tab the statement of the page can count a short list.
    peeks = open_tab is None and not counts.is_long(_rows_name(section, arguments))
    extras = fetch.PageExtras(tab_count_query, open_tab, peeks=peeks)
    data = page_data(section, query, counts.COUNT_CAP + 1, arguments, extras)
    numbers = tab_count_query.all()
    total = data.known_total
    if total is None:
        total = _count(section, query, arguments) if open_tab is None else numbers[open_tab]
    complete_page(section, data.shown.rows, section.shown_columns())
    tab_counts = {key: numbers[name] for key, name in names.items()}
    return _page(section, query, replace(data, total=total), tab_counts)


def page_data(
    section: Declaration,
    query: ListQuery,
    total: int,
    arguments: Arguments,
    extras: fetch.PageExtras | None = None,
) -> ListPageData:
    """One page of *query* at the cursor that *arguments* name; *total* is the row count, or the cap plus one."""
    place, loaded = cursor.read_cursor(arguments, query.order), projection(section)

    def read(place: cursor.Cursor) -> cursor.Slice:
        return fetch.fetch_page(
            query.template,
            loaded,
            query.order,
            place,
            size=query.state.size,
            total=total,
            values=query.parameters,
            extras=extras,
        )

    shown = read(place)
    if place.anchor and not shown.has_previous and len(shown.rows) < query.state.size:
        # Fewer rows than a page precede the cursor, or the rows after it are deleted: show the first page.
        place = cursor.Cursor()
        shown = read(place)
    return ListPageData(shown, place, query.order, total, arguments)


def projection(section: Declaration) -> Projection:
    """The columns that a page loads of each row."""
    shown = [path for column in section.shown_columns() for path in section.names_read_by(column)]
    return projection_of(section.model, (*shown, *always_loaded(section)))


def always_loaded(section: Declaration) -> tuple[str, ...]:
    """The names that a page loads of each row, independent of the chosen columns."""
    version = ["row_version"] if "row_version" in inspect(section.model).attrs else []
    orders = {path.removeprefix("-") for path in (section.sort, *(t.sort for t in section.tabs if t.sort))}
    return (*section.sortable, *section.preload, "__str__", *version, *sorted(orders))


def headings(
    section: Declaration, columns: Sequence[Column], state: ListState, arguments: Arguments, *, at: str = ""
) -> Sequence[Heading]:
    """The headings of *columns*, with their places on the card of a row."""
    places = card_places(section, columns)
    return [
        _heading(section, column, state, arguments, at=at, card=places.get(column.path)) for column in columns
    ]


def _heading(
    section: Declaration, column: Column, state: ListState, arguments: Arguments, *, at: str, card: str | None
) -> Heading:
    """The heading of *column*; a sortable column links to its order, or to the reverse."""
    display = section.displays.get(column.path)
    kind = display.kind if display and display.kind else column.kind.value
    unit = currency_unit(currency()) if column.kind is Kind.MONEY else None
    if column.path not in section.sortable:
        return Heading(column.path, str(column.label), kind, unit=unit, card=card)
    is_sorted = state.sort == column.path
    next_sort = f"-{column.path}" if is_sorted and not state.descending else column.path
    direction = ("desc" if state.descending else "asc") if is_sorted else None
    url = list_url(section, arguments, sort=next_sort, drop=cursor.POSITION, at=at)
    return Heading(column.path, str(column.label), kind, url, direction, unit, card)  # type: ignore[arg-type]  # literal


def row_url(section: Declaration) -> str | None:
    """The address of the page of a row without its key; None where the member may not open it."""
    return f"{section.base_url}show/" if permitted(section, "can_show") else None


def chip_of(section: Declaration) -> str | None:
    """The column whose chips open a menu, for members who may register."""
    return section.panel.chip if section.panel and permitted(section, "can_record") else None


def list_url(
    section: Declaration, arguments: Arguments, *, drop: Sequence[str] = (), at: str = "", **changes: Any
) -> str:
    """The address of the list, or *at*, without the arguments of *drop* and with *changes*."""
    base = at or section.base_url
    pairs = [(k, v) for k, v in arguments.items(multi=True) if k not in drop and k not in changes]
    pairs += [(name, str(value)) for name, value in changes.items()]
    return f"{base}?{urlencode(pairs)}" if pairs else base


def _counts_of(section: Declaration, names: Mapping[str, str], open_tab: str | None) -> counts.Counts:
    """The row counts of the tabs in *names*; the count of the open tab is exact up to the cap."""
    statements = {
        names[tab.key]: statement_of(section, tab) for tab in section.visible_tabs() if tab.key in names
    }
    return counts.Counts(statements, exact=() if open_tab is None else {open_tab}, lasting=statements)


def _count(section: Declaration, query: ListQuery, arguments: Arguments) -> int:
    name = _rows_name(section, arguments)
    asked = counts.Counts({name: query.template}, exact={name}, lasting={name}, values=query.parameters)
    return asked.all()[name]


def _rows_name(section: Declaration, arguments: Arguments) -> str:
    """The cache name of the row count: the address without position, display and order."""
    return list_url(section, arguments, drop=_DISPLAY_ARGUMENTS)


def _page(
    section: Declaration, query: ListQuery, data: ListPageData, tab_counts: Mapping[str, int]
) -> ListPage:
    state, tab, arguments = query.state, query.tab, data.arguments
    menus = RowMenus(section.menu_kind, section.row_menu, conditional(section))
    rows = table_rows(section, data.shown.rows, menus)
    chip = chip_of(section)
    return ListPage(
        title=str(section.title),
        title_one=str(section.title_one),
        base_url=section.base_url,
        search=state.search,
        search_hint=str(section.search_hint),
        columns=headings(section, section.shown_columns(), state, arguments),
        rows=rows,
        menus=menus.menus,
        acts=acts_heading(section, rows),
        links=section.list_links(),
        first=data.first,
        last=data.last,
        total=min(data.total, counts.COUNT_CAP),
        total_is_capped=data.total > counts.COUNT_CAP,
        page_links=_page_links(section, data, state.size),
        bulk_url=f"{section.base_url}action_post",
        show_url=row_url(section),
        inline_url=f"{section.base_url}inline/" if inline_names(section) else None,
        chip=chip,
        choices_url=f"{section.base_url}choices" if chip else None,
        query=_url_from_start(section, arguments).removeprefix(section.base_url).removeprefix("?"),
        empty=nothing_matches(section, query, arguments) if query.is_filtered else section.empty_state(tab),
        filtered=query.is_filtered,
        tabs=tab_links(section, state, arguments, tab_counts),
        chips=filter_chips(section, query, arguments),
        filters_url=_url_from_start(section, arguments, "filters") if section.offered_filters() else None,
        clear_url=list_url(section, arguments, drop=(*cursor.POSITION, *_filters_in(arguments))),
        bulk=section.bulk_buttons(),
        buttons=[*_export_button(section, arguments), *section.list_buttons()],
        table=_table_tools(section, arguments),
        note=section.note_over(tab) if data.shown.rows else None,
    )


def _page_links(section: Declaration, data: ListPageData, size: int) -> PageLinks:
    return data.page_links(
        size, lambda changes: list_url(section, data.arguments, drop=cursor.POSITION, **changes)
    )


def nothing_matches(section: Declaration, query: ListQuery, arguments: Arguments, *, at: str = "") -> Empty:
    """The empty state of a list whose search or filters find nothing, with the address without them."""
    url = list_url(section, arguments, drop=("q", *cursor.POSITION, *_filters_in(arguments)), at=at)
    if not query.filters.applied:
        words = _("No %(what)s has these words; try fewer of them.", what=section.title_one)
        return Empty(_("Nothing matches"), words, _("Clear the search"), url)
    words = _("No %(what)s has all of these filters.", what=section.title_one)
    if query.state.search:
        words = _("No %(what)s has these words and all of these filters.", what=section.title_one)
    return Empty(_("Nothing matches"), words, _("Clear filters"), url)


def _url_from_start(section: Declaration, arguments: Arguments, page: str = "") -> str:
    """The address of the list or of a *page* below it, with all arguments except the position."""
    return list_url(section, arguments, drop=cursor.POSITION, at=f"{section.base_url}{page}")


def _export_button(section: Declaration, arguments: Arguments) -> Sequence[Button]:
    if not section.may_export():
        return []
    return [Button(_("Export"), "download", _url_from_start(section, arguments, "export"), "dialog")]


def _table_tools(section: Declaration, arguments: Arguments) -> TableTools:
    choice = table_choice(section.slug)
    return TableTools(
        is_compact=choice.density is Density.COMPACT,
        settings_url=_url_from_start(section, arguments, "table"),
        views_url=_url_from_start(section, arguments, "views"),
        view_name=choice.view_name,
        print_url=_url_from_start(section, arguments, "print"),
    )


def filter_chips(
    section: Declaration, query: ListQuery, arguments: Arguments, *, at: str = "", **carried: str
) -> Sequence[FilterChip]:
    """Chips of the applied and the unreadable filters; each has the address, or *at*, without its filter.

    The addresses of their values have the arguments *carried*.
    """
    read = [(each.label, each.words, each.arguments, False) for each in query.filters.applied]
    read += [(each.label, each.sentence, each.arguments, True) for each in query.filters.problems]
    return [
        FilterChip(
            label,
            words,
            remove_url=list_url(section, arguments, drop=(*names, *cursor.POSITION), at=at),
            field=(path := names[0].removeprefix(PREFIX)),
            edit_url=list_url(
                section,
                arguments,
                drop=cursor.POSITION,
                at=f"{section.base_url}filters",
                **{FIELD: path, **carried},
            ),
            is_problem=is_problem,
        )
        for label, words, names, is_problem in read
    ]


def tab_links(
    section: Declaration,
    state: ListState,
    arguments: Arguments,
    tab_counts: Mapping[str, int],
    *,
    at: str = "",
) -> Sequence[TabLink]:
    return [
        TabLink(
            tab.key,
            str(tab.label),
            list_url(section, arguments, tab=tab.key, drop=cursor.POSITION, at=at),
            tab_counts.get(tab.key),
            tab.key == state.tab,
        )
        for tab in section.visible_tabs()
    ]


def _filters_in(arguments: Arguments) -> list[str]:
    return [name for name in arguments if name.startswith(PREFIX)]
