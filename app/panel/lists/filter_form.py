"""The filters of a list: the menu of fields, the values of one field, and the form of all as a page without scripts."""

from __future__ import annotations

from flask import make_response, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.panel.access import wants_fragment
from app.panel.columns import Column
from app.panel.declaration import Declaration
from app.panel.filters.base import PREFIX, arguments_of, column_named
from app.panel.filters.form import FilterForm, filter_groups, inputs_of, single_values, states_of
from app.panel.lists.list_query import ListQuery
from app.panel.lists.page import FIELD, list_url
from app.panel.queries.cursor import POSITION
from app.panel.view_models import ValueLink

FORM = "filter-of-"
# The argument that the filters of a board carry: they lead back to the board.
ON_BOARD = "on_board"
# A menu of more fields, or a field of more values, gets an input that narrows it.
MOST_UNNARROWED = 8


def filter_form(section: Declaration, query: ListQuery, path: str = "") -> str:
    """The values of the field *path* or of the one in the address, else the menu; a page has the form of all fields."""
    if not wants_fragment():
        return _page(section, query)
    column = column_named(section.offered_filters(), path or request.args.get(FIELD, ""))
    return _menu(section) if column is None else _values(section, column, query)


def refused_filters(section: Declaration, query: ListQuery) -> Response | None:
    """The form of a field with its error when it sent a value that the list would ignore; else None."""
    sender, _form, path = request.headers.get("HX-Source", "").rpartition(f"#{FORM}")
    column = column_named(section.offered_filters(), path) if sender and wants_fragment() else None
    if column is None or not any(each.arguments == arguments_of(column) for each in query.filters.problems):
        return None
    answer: Response = make_response(filter_form(section, query, path), 422)
    answer.headers.update(
        {"HX-Retarget": "#filter-popover", "HX-Reswap": "innerHTML", "HX-Push-Url": "false"}
    )
    return answer


def _menu(section: Declaration) -> str:
    arguments = _arguments()
    fields = [
        ValueLink(
            str(column.label),
            list_url(
                section, arguments, drop=POSITION, at=f"{section.base_url}filters", **{FIELD: column.path}
            ),
            any(arguments.get(name) for name in arguments_of(column)),
        )
        for column in section.offered_filters()
    ]
    return section.render_template(
        "panel/lists/filter_menu.html", fields=fields, narrows=len(fields) > MOST_UNNARROWED, section=section
    )


def _values(section: Declaration, column: Column, query: ListQuery) -> str:
    arguments, own = _arguments(), arguments_of(column)
    errors = {each.argument: each.sentence for each in query.filters.problems}

    def link(name: str, value: str, label: str) -> ValueLink:
        url = list_url(section, arguments, drop=(*own, *_AWAY), at=_home(section), **{name: value})
        return ValueLink(label, url, arguments.get(name) == value)

    form = FilterForm(
        path=column.path,
        label=str(column.label),
        links=[link(*each) for each in single_values(column)],
        inputs=inputs_of(column, arguments, errors, lookup_url=f"{section.base_url}lookup/"),
        states=[link(*each) for each in states_of(column)],
        error=next((errors[name] for name in own if name in errors), ""),
        carried=[(k, v) for k, v in arguments.items(multi=True) if k not in (*own, *_AWAY)],
        home_url=_home(section),
    )
    return section.render_template(
        "panel/lists/filter_values.html", form=form, most=MOST_UNNARROWED, section=section
    )


def _page(section: Declaration, query: ListQuery) -> str:
    choices = filter_groups(
        section.offered_filters(),
        request.args,
        query.filters.problems,
        lookup_url=f"{section.base_url}lookup/",
    )
    carried = [
        (name, value)
        for name, value in _arguments().items(multi=True)
        if not name.startswith(PREFIX) and name not in _AWAY
    ]
    return section.render_template(
        "panel/lists/filters_page.html",
        title=_("Filter %(what)s", what=section.title),
        choices=choices,
        carried=carried,
        base_url=_home(section),
        section=section,
    )


_AWAY = (*POSITION, ON_BOARD)


def _home(section: Declaration) -> str:
    """The address of the list, or of the board from which the filters were opened."""
    return f"{section.base_url}board" if section.board and ON_BOARD in request.args else section.base_url


def _arguments() -> MultiDict[str, str]:
    """The arguments of the list, without the name of the field that is asked for."""
    return MultiDict((name, value) for name, value in request.args.items(multi=True) if name != FIELD)
