"""The filter form of a list: its inputs and their options."""

from __future__ import annotations

from flask import make_response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.panel.access import wants_fragment
from app.panel.declaration import Declaration
from app.panel.filters.base import PREFIX
from app.panel.filters.form import filter_groups
from app.panel.lists.list_query import ListQuery
from app.panel.queries.cursor import POSITION

FORM = "filter-form"


def filter_form(section: Declaration, query: ListQuery) -> str:
    template = "panel/lists/filters.html" if wants_fragment() else "panel/lists/filters_page.html"
    choices = filter_groups(
        section.offered_filters(),
        request.args,
        query.filters.problems,
        lookup_url=f"{section.base_url}lookup/",
    )
    carried = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if not name.startswith(PREFIX) and name not in POSITION
    ]
    title = _("Filter %(what)s", what=section.title)
    return section.render_template(
        template, title=title, choices=choices, carried=carried, base_url=section.base_url, section=section
    )


def refused_filters(section: Declaration, query: ListQuery) -> Response | None:
    """The form with its errors when it sent unreadable filters, which the list would ignore; else None."""
    sent_by_form = request.headers.get("HX-Source", "").endswith(f"#{FORM}")
    if not (query.filters.problems and wants_fragment() and sent_by_form):
        return None
    answer: Response = make_response(filter_form(section, query), 422)
    answer.headers.update({"HX-Retarget": "#dialog", "HX-Reswap": "innerHTML", "HX-Push-Url": "false"})
    return answer
