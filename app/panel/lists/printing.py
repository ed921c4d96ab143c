"""The print page of a list: the filtered rows in the visible columns, without the panel's frame."""

from __future__ import annotations

from dataclasses import replace

from flask import request
from werkzeug.datastructures import MultiDict

from app.lib.clock import now
from app.panel.declaration import Declaration
from app.panel.lists.list_query import ListQuery
from app.panel.lists.page import list_page, list_url
from app.panel.queries import cursor

# About twenty sheets, which a browser lays out quickly; the export serves longer lists.
MOST_PRINTED = 500


def printed_page(section: Declaration, query: ListQuery) -> str:
    """The print page, which begins with the first row of the list."""
    whole = replace(query, state=replace(query.state, size=MOST_PRINTED))
    arguments = MultiDict([(k, v) for k, v in request.args.items(multi=True) if k not in cursor.POSITION])
    return section.render_template(
        "panel/lists/print.html",
        page=list_page(section, whole, arguments),
        printed_at=now(),
        back_url=list_url(section, arguments),
        tab=query.tab.label if query.tab else "",
    )
