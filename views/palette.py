"""Endpoints of the command palette: what the member may add, and rows by a search text."""

from __future__ import annotations

from flask import jsonify, request
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.panel.login_session import for_members
from app.panel.page import Page, PageAudience
from app.panel.palette import additions, find_rows


class Palette(Page):
    slug = "palette"
    title = _l("Search and commands")
    audience = PageAudience.MEMBERS

    @expose("/")
    @for_members
    def index(self) -> Response:
        """The additions, which the browser then filters itself."""
        return jsonify([additions()])

    @expose("/rows")
    @for_members
    def rows(self) -> Response:
        """The rows for ``?q=``; none for a text that is too short."""
        return jsonify(find_rows(request.args.get("q", "")))
