"""Endpoints of the command palette: what the member may add, and rows by a search text."""

from __future__ import annotations

from flask import jsonify, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.panel.login_session import for_members
from app.panel.page import Page, PageAudience
from app.panel.palette import PaletteGroup, PaletteItem, additions, find_rows
from app.panel.rates.groups import Group, limited
from app.panel.registry import more_sections


class Palette(Page):
    slug = "palette"
    title = _l("Search and commands")
    audience = PageAudience.MEMBERS

    @expose("/")
    @for_members
    @limited(read=Group.SEARCH)
    def index(self) -> Response:
        """The additions and the sections beside the menu, which the browser then filters itself."""
        return jsonify([additions(), _more_sections()])

    @expose("/rows")
    @for_members
    @limited(read=Group.SEARCH)
    def rows(self) -> Response:
        """The rows for ``?q=``; none for a text that is too short."""
        return jsonify(find_rows(request.args.get("q", "")))


def _more_sections() -> PaletteGroup:
    """The sections and pages that the member may open and the menu leaves out."""
    choices = [
        PaletteItem(label=str(each.title), hint="", icon=each.icon, url=f"{each.route_base}/")
        for each in more_sections()
    ]
    return PaletteGroup(label=_("More sections"), choices=choices)
