"""The palette's questions: what a member may add, and which rows a few letters or digits mean."""

from __future__ import annotations

from flask import jsonify, request
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.panel.login_session import for_members
from app.panel.page import Audience, Page
from app.panel.palette import additions, find_rows


class Palette(Page):
    slug = "palette"
    title = _l("Search and commands")
    audience = Audience.MEMBERS

    @expose("/")
    @for_members
    def index(self) -> Response:
        """What can be added, for all that is typed afterwards."""
        return jsonify([additions()])

    @expose("/rows")
    @for_members
    def rows(self) -> Response:
        """?q= finds rows; too short a word finds none."""
        return jsonify(find_rows(request.args.get("q", "")))
