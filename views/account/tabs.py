"""Shared by account pages: tabs, and the check of a password."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.extensions import db
from app.panel.actor import is_member
from app.panel.view_models import TabLink
from app.services.account.login import LoginRefused, Source, admit, check_password
from app.services.account.rate_limit import delay, site_pause
from models.member import Member


def request_source() -> Source:
    """The address and the browser of the request."""
    return Source(request.remote_addr or "", request.user_agent.string)


def begin_try(name: str) -> Member | None:
    """Count a login attempt and return its member, if any; raises `LoginLocked`.

    The count is committed first, so that parallel requests see it and no lock remains while this one waits.
    """
    try:
        member = admit(name, request_source())
    except LoginRefused:
        # Failed attempts are counted too.
        db.session.commit()
        raise
    # Counted last, because all attempts of the site wait for the lock on this row until the commit.
    pause = site_pause()
    db.session.commit()
    delay(pause)
    return member


def prove_password(member: Member, password: str) -> None:
    """Check the member's password again; raises `LoginRefused`. The attempt is counted."""
    begin_try(member.username)
    try:
        check_password(member, member.username, password, request_source())
    except LoginRefused as error:
        raise LoginRefused(_l("This password is wrong."), field="present") from error
    finally:
        db.session.commit()


def account_tabs(active: str) -> Sequence[TabLink]:
    """The tabs of the member's account."""
    pages = {
        "Account": _("Profile"),
        "AccountPassword": _("Password"),
        "AccountSessions": _("Sessions"),
        "AccountTwoStep": _("Two-step login"),
        "AccountTokens": _("Tokens"),
    }
    if is_member():
        pages["AccountData"] = _("My data")
    return [
        TabLink(name, words, url_for(f"{name}.index"), None, name == active) for name, words in pages.items()
    ]
