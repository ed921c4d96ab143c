"""The dashboard: what is to do now, and the figures of the member, their team or the platform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, current_app, g, request
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import DBAPIError

from app.lib.jalali import long_date, today
from app.panel.access import ROLES, Access, permitted_section, requires
from app.panel.actor import acts_somewhere, sees_own_rows_only
from app.panel.outage import is_outage, leave_transaction
from app.panel.page import Page
from views import groups
from views.day.dashboard import fragments
from views.day.dashboard.consultant import consultant_parts
from views.day.dashboard.manager import manager_parts
from views.day.dashboard.others import platform_parts, support_parts
from views.threads.lines import thread_list
from views.threads.query import UNREAD, ThreadQuery

_MOST_TASKS, _MOST_THREADS = 4, 4


class Dashboard(Page):
    """GET of /dashboard/ and of its parts, /dashboard/part/<name>."""

    slug = "dashboard"
    title, icon = _l("Dashboard"), "layout-dashboard"
    group, menu_order = groups.DAY, 100
    roles = dict.fromkeys(ROLES, Access.actions("list"))
    right_labels = {"list": _l("Open the dashboard")}

    @expose("/")
    @requires("list")
    def index(self) -> str:
        kind = _kind()
        return self.render_template(
            f"day/dashboard/{kind}.html",
            day=long_date(today()),
            base_url=self.base_url,
            view=self,
            tasks=_tasks(),
            messages=_messages(),
            **_PARTS[kind](request.args.to_dict(), self.base_url),
        )

    @expose("/part/<name>")
    @requires("list", in_organization=True)
    def part(self, name: str) -> str:
        """A part that is loaded after the page; its error leaves the rest of the dashboard as it is."""
        if name not in _FRAGMENTS or _kind() not in _FRAGMENTS[name][1]:
            abort(404)
        address = f"{self.base_url}part/{name}?{request.query_string.decode()}"
        try:
            values = _FRAGMENTS[name][0](request.args.to_dict(), self.base_url)
        except DBAPIError as error:
            if is_outage(error):
                raise
            leave_transaction()
            current_app.logger.exception("The part %s of the dashboard failed", name)
            return self.render_template(
                "day/dashboard/_failed.html", title=_TITLES[name], url=address, code=g.get("request_id", "")
            )
        return self.render_template(f"day/dashboard/_{name}.html", title=_TITLES[name], **values)


def _kind() -> str:
    """The dashboard of the member: each one asks for the right of the section whose rows it shows."""
    if acts_somewhere() and permitted_section("follow-ups", "can_list") is not None:
        return "consultant" if sees_own_rows_only() else "manager"
    if acts_somewhere() and permitted_section("support", "can_list") is not None:
        return "support"
    return "platform"


def _tasks() -> dict[str, Any] | None:
    """The member's tasks of today; None for those who have no tasks."""
    section = permitted_section("tasks", "can_list") if acts_somewhere() else None
    if section is None:
        return None
    return {
        **section.todays_tasks(_MOST_TASKS),
        "count": section.top_bar.number(),
        "url": f"{section.base_url}?tab=today",
    }


def _messages() -> dict[str, Any] | None:
    """The member's conversations with unread messages; None for those who have no messages."""
    section = permitted_section("messages", "can_list") if acts_somewhere() else None
    if section is None:
        return None
    count = section.menu_count()
    found = thread_list(ThreadQuery(reading=UNREAD), section.listed).lines if count else []
    url = f"{section.base_url}{ThreadQuery().arguments(reading=UNREAD)}"
    return {"lines": found[:_MOST_THREADS], "count": count, "url": url}


_PARTS: dict[str, Callable[[dict[str, str], str], dict[str, Any]]] = {
    "consultant": lambda _given, _url: consultant_parts(),
    "manager": manager_parts,
    "support": lambda _given, _url: support_parts(),
    "platform": lambda _given, _url: platform_parts(),
}
_BOTH = ("consultant", "manager")
_FRAGMENTS: dict[str, tuple[Callable[[dict[str, str], str], dict[str, Any]], tuple[str, ...]]] = {
    "results": (fragments.results_parts, _BOTH),
    "league": (fragments.league_parts, ("manager",)),
    "contact": (fragments.contact_parts, ("manager",)),
    "answers": (fragments.answers_parts, ("manager",)),
}
_TITLES = {
    "results": _l("Share of the results"),
    "league": _l("League of the consultants"),
    "contact": _l("Time to the first contact"),
    "answers": _l("When do they answer?"),
}
