"""The trail of one row, for who holds the right to it."""

from __future__ import annotations

from flask_appbuilder import expose
from flask_babel import gettext as _

from app.panel.access import permitted, requires, row_key
from app.panel.declaration import Declared
from app.panel.records.history import MOST_EVENTS, events_of_row
from app.panel.records.related import related_of, tabs_of


class TrailRoutes(Declared):
    """/trail/<pk>."""

    @expose("/trail/<pk>")
    @requires("trail")
    def trail(self, pk: str) -> str:
        row = self.get_row(row_key(pk))
        return self.render_template(
            "panel/records/trail.html",
            title=str(row),
            subtitle=_("Events of this row"),
            back_url=self.base_url,
            tabs=tabs_of(self, row, related_of(self, row), "trail") if permitted(self, "can_show") else (),
            events=events_of_row(row),
            most=MOST_EVENTS,
        )
