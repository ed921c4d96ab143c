"""A list on paper: the filtered rows in the visible columns, without the panel around them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import request
from flask_appbuilder import expose
from werkzeug.datastructures import MultiDict

from app.lib.clock import now
from app.panel.access import requires
from app.panel.lists.list_query import ListQuery
from app.panel.lists.routes import ListRoutes
from app.panel.queries import cursor

# What a browser lays out in a moment, some twenty sheets; more than that belongs into a file.
MOST_PRINTED = 500


class PrintRoutes(ListRoutes):
    """GET /print, with the list's own arguments."""

    @expose("/print")
    @requires("list")
    def print_view(self) -> str:
        """From the first row on, wherever the list was turned to."""
        list_query = self.list_query(self.with_choice(request.args))
        whole = replace(list_query, state=replace(list_query.state, size=MOST_PRINTED))
        kept = [(k, v) for k, v in request.args.items(multi=True) if k not in cursor.POSITION]
        arguments = MultiDict(kept)
        return self.render_template(
            "panel/lists/print.html",
            page=self.list_page(whole, arguments),
            printed_at=now(),
            back_url=self.url(arguments),
            tab=self._tab_words(list_query),
        )

    @staticmethod
    def _tab_words(list_query: ListQuery) -> Any:
        return list_query.tab.label if list_query.tab else ""
