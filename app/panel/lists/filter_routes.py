"""The filters of a list: their form, and the way from it to the list."""

from __future__ import annotations

from typing import Any

from flask import make_response, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.panel.access import requires, wants_fragment
from app.panel.filters.base import PREFIX
from app.panel.filters.form import filter_groups
from app.panel.lists.list_query import ListQueries, ListQuery

FORM = "filter-form"
_POSITION = ("after", "before", "end", "n")


class FilterRoutes(ListQueries):
    """GET /filters: the inputs, with the options that each can choose from."""

    @expose("/filters")
    @requires("list")
    def choose_filters(self) -> str:
        return self._filter_form(self.list_query(request.args))

    def _filter_form(self, list_query: ListQuery) -> str:
        template = "panel/lists/filters.html" if wants_fragment() else "panel/lists/filters_page.html"
        choices = filter_groups(
            self.offered_filters(),
            request.args,
            list_query.filters.problems,
            lookup_url=f"{self.base_url}lookup/",
        )
        carried = [
            (name, value)
            for name, value in request.args.items(multi=True)
            if not name.startswith(PREFIX) and name not in _POSITION
        ]
        title = _("Filter %(what)s", what=self.title)
        return self.render_template(
            template, title=title, choices=choices, carried=carried, base_url=self.base_url, section=self
        )

    def refused_filters(self, list_query: ListQuery) -> Response | None:
        """To a form that can't be read goes the form with its errors, in place of a list that ignores them."""
        sent_by_form = request.headers.get("HX-Source", "").endswith(f"#{FORM}")
        if not (list_query.filters.problems and wants_fragment() and sent_by_form):
            return None
        answer: Any = make_response(self._filter_form(list_query), 422)
        answer.headers.update(
            {
                "HX-Retarget": "#dialog",
                "HX-Reswap": "innerHTML",
                "HX-Push-Url": "false",
            }
        )
        refused: Response = answer
        return refused
