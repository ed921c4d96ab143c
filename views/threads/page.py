"""The base of pages with conversations: the list beside the open thread."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request
from flask_appbuilder import expose

from app.panel.access import permitted_section, requires, wants_fragment
from app.panel.page import Page
from app.panel.rates.groups import Group, limited
from models.messages.thread import ThreadKind
from views.threads.lines import thread_list
from views.threads.query import query_of_request, switches
from views.threads.talk_routes import TalkRoutes


class Threads(TalkRoutes, Page):
    """Besides the addresses of conversations: GET of /, the list.

    A page declares `listed`: the kinds in its list, with the addresses of their pages.
    """

    listed: ClassVar[dict[ThreadKind, str]] = {ThreadKind.INTERNAL: "/messages/"}
    needs_organization = True

    @expose("/")
    @requires("list")
    @limited(read=Group.LIST)
    def index(self) -> str:
        if not wants_fragment():
            return self._page({"talk": None}, None)
        name = "_lines" if request.args.get("older") else "_list"
        return self.render_template(f"threads/{name}.html", **self._list(), current=None, view=self)

    def talk_page(self, parts: dict[str, Any]) -> str:
        return self._page(parts, parts["talk"].thread.id)

    def _page(self, parts: dict[str, Any], current: int | None) -> str:
        parts = self._list() | parts
        return self.render_template("threads/page.html", **parts, current=current, view=self)

    def _list(self) -> dict[str, Any]:
        query = query_of_request()
        statuses, readings = switches(query, self.base_url)
        found = thread_list(query, self.listed)
        older_url = f"{self.base_url}{query.arguments(older=found.older)}" if found.older else ""
        return {
            "threads": found,
            "query": query,
            "statuses": statuses,
            "readings": readings,
            "older_url": older_url,
            "suffix": query.arguments(),
            "base_url": self.base_url,
            "ticket_url": _ticket_url(),
        }


def _ticket_url() -> str | None:
    """The form of a ticket to the support, for members who may open one."""
    section = permitted_section("tickets", "can_add")
    return None if section is None else f"{section.base_url}add"
