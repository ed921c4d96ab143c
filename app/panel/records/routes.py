"""The routes of one row: its page, its timeline, its sheets and its trail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import abort, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import Select

from app.panel.access import permitted, requires, row_key, wants_fragment
from app.panel.records.children import children_of
from app.panel.records.deletion_routes import DeletionScreen
from app.panel.records.head import parents_of, record_head, split_facts
from app.panel.records.history import MOST_EVENTS, events_of_row
from app.panel.records.lines import lines_table
from app.panel.records.page_data import ShowPage
from app.panel.records.related import TAB, related_of, related_page, tabs_of
from app.panel.timeline.page import timeline_page
from app.panel.timeline.place import read_place
from models.base import Row

# The routes of a timeline; a section without one excludes them.
TIMELINE_ROUTES = frozenset({"timeline_page"})
# Those of a section with side sheets.
SHEET_ROUTES = frozenset({"side_sheet"})
_OLDER = "older"


class RecordScreen(DeletionScreen):
    """/show/<pk>, /<pk>/timeline, /trail/<pk>, /delete/<pk>, /undo/<batch>, and the action that deletes rows."""

    @expose("/show/<pk>")
    @requires("show")
    def show(self, pk: str) -> str:
        row = self.get_row(row_key(pk), *parents_of(self))
        related = related_of(self, row)
        active = next((each for each in related if each.key == request.args.get(TAB)), None)
        base = f"{self.base_url}show/{row.id}"
        page = self.head_page(row) if active else self.show_page(row)
        return self.render_template(
            self.record_template,
            page=replace(page, tabs=tabs_of(self, row, related, active.key if active else "facts")),
            related=related_page(active, request.args, base) if active else None,
            is_live=active is not None and active.section.is_live,
            section=self,
            **({} if active else self.record_parts(row)),
        )

    def record_parts(self, row: Any) -> dict[str, Any]:
        """What `record_template` shows besides the page of the engine."""
        return {}

    def rows_to_open(self, model: Any) -> Select[Any] | None:
        return self.statement() if model is self.model and permitted(self, "can_show") else None

    def head_page(self, row: Row) -> ShowPage:
        """The head of the row's page alone, for a page that shows something else below it."""
        return ShowPage(
            title=str(row),
            subtitle=str(self.title_one),
            facts=(),
            back_url=self.base_url,
            back_label=str(self.title),
            head=record_head(self, row),
        )

    def show_page(self, row: Row) -> ShowPage:
        self.complete([row])
        facts, empty = split_facts(self, row, self.described_details)
        page = replace(
            self.head_page(row),
            facts=facts,
            empty=empty,
            lines=lines_table(self, row),
            children=children_of(self, row),
            sheets=self.side_sheets(row),
            sheets_url=f"{self.base_url}{row.id}/side",
        )
        if self.timeline is None:
            return page
        return replace(
            page,
            timeline=timeline_page(self.timeline, row, read_place(request.args.get(_OLDER))),
            timeline_url=f"{self.base_url}{row.id}/timeline",
            next_step=self.next_step(row),
        )

    @expose("/<pk>/timeline")
    @requires("show")
    def timeline_page(self, pk: str) -> Any:
        """A page of the timeline as a fragment; requests without htmx get the page of the row."""
        row, older = self.get_row(row_key(pk)), request.args.get(_OLDER)
        declared = self.timeline or abort(404)
        if not wants_fragment():
            query = f"?{urlencode({_OLDER: older})}" if older else ""
            return redirect(f"{self.base_url}show/{row.id}{query}")
        place = read_place(older)
        return self.render_template(
            "panel/records/timeline.html",
            timeline=timeline_page(declared, row, place),
            timeline_url=f"{self.base_url}{row.id}/timeline",
            continues=place is not None,
        )

    @expose("/<pk>/side/<key>")
    @requires("show")
    def side_sheet(self, pk: str, key: str) -> Any:
        """A side sheet as a fragment, after the page has changed something in it."""
        row = self.get_row(row_key(pk))
        if not wants_fragment():
            return redirect(f"{self.base_url}show/{row.id}")
        sheet = next((each for each in self.side_sheets(row) if each.key == key), None) or abort(404)
        url = f"{self.base_url}{row.id}/side"
        return self.render_template("panel/records/_sheet.html", sheet=sheet, sheets_url=url)

    @expose("/trail/<pk>")
    @requires("trail")
    def trail(self, pk: str) -> str:
        row = self.get_row(row_key(pk), *parents_of(self))
        tabs = tabs_of(self, row, related_of(self, row), "trail") if permitted(self, "can_show") else ()
        return self.render_template(
            "panel/records/trail.html",
            page=replace(self.head_page(row), tabs=tabs),
            subtitle=_("Events of this row"),
            events=events_of_row(row),
            most=MOST_EVENTS,
        )
