"""The address of a list of conversations: its filters, and the switches that change them."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from flask import request
from flask_babel import gettext as _

from app.panel.view_models import TabLink
from models.messages.thread import ThreadStatus

READ, UNREAD = "read", "unread"


class ThreadQuery(NamedTuple):
    """The filters of the list, as the address has them; the defaults stand for themselves."""

    status: str = ThreadStatus.OPEN.value
    reading: str = ""
    text: str = ""
    older: str = ""

    def arguments(self, **changes: str) -> str:
        """The query of an address with *changes*; another filter begins at the first page."""
        given = {**self._asdict(), "older": "", **changes}
        named = {
            "status": given["status"],
            "read": given["reading"],
            "q": given["text"],
            "older": given["older"],
        }
        if named["status"] == ThreadStatus.OPEN.value:
            del named["status"]
        found = urlencode({name: value for name, value in named.items() if value})
        return f"?{found}" if found else ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.reading or self.text) or self.status != ThreadStatus.OPEN.value


def query_of_request() -> ThreadQuery:
    """The filters in the address; unknown values are those of the defaults."""
    given = request.args
    closed = ThreadStatus.CLOSED.value
    return ThreadQuery(
        closed if given.get("status") == closed else ThreadStatus.OPEN.value,
        given["read"] if given.get("read") in {READ, UNREAD} else "",
        given.get("q", "").replace("\0", "").strip()[:100],
        given.get("older", ""),
    )


def switches(query: ThreadQuery, base_url: str) -> tuple[list[TabLink], list[TabLink]]:
    """The two segmented switches: open or closed; all, unread or read."""
    statuses = [(each.value, str(each)) for each in ThreadStatus]
    readings = [("", _("All")), (UNREAD, _("Unread")), (READ, _("Read ones"))]
    return (
        [_switch(query, base_url, "status", key, label) for key, label in statuses],
        [_switch(query, base_url, "reading", key, label) for key, label in readings],
    )


def _switch(query: ThreadQuery, base_url: str, name: str, key: str, label: str) -> TabLink:
    url = f"{base_url}{query.arguments(**{name: key})}"
    return TabLink(key or "all", label, url, None, getattr(query, name) == key)
