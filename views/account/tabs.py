"""What the pages of an account share: their tabs, and where a request comes from."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request, url_for
from flask_babel import gettext as _

from app.panel.listing import TabLink
from app.services.account_login import Source


def request_source() -> Source:
    """Where this request comes from."""
    return Source(request.remote_addr or "", request.user_agent.string)


def account_tabs(active: str) -> Sequence[TabLink]:
    """The pages of the member's own account."""
    pages = {
        "Account": _("Profile"),
        "AccountPassword": _("Password"),
        "AccountSessions": _("Sessions"),
        "AccountTwoStep": _("Two-step login"),
    }
    return [
        TabLink(name, words, url_for(f"{name}.index"), None, name == active) for name, words in pages.items()
    ]
