"""What the pages of an account share: their tabs, and how a try with a password begins."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.extensions import db
from app.panel.view_models import TabLink
from app.services.account.login import LoginRefused, Source, admit, check_password
from app.services.account.rate_limit import delay, site_pause
from models.member import Member


def request_source() -> Source:
    """Where this request comes from."""
    return Source(request.remote_addr or "", request.user_agent.string)


def begin_try(name: str) -> Member | None:
    """Who means to log in, if anybody; raises `LoginLocked`. Counted before anything is checked.

    The count is committed, so that the other requests of a rush see it and nothing is held while this one waits.
    """
    try:
        member = admit(name, request_source())
    except LoginRefused:
        # The try counts even though it failed.
        db.session.commit()
        raise
    # The last to be counted: everybody's tries stand in line at this one row until the commit.
    pause = site_pause()
    db.session.commit()
    delay(pause)
    return member


def prove_password(member: Member, password: str) -> None:
    """The member's own password once more; raises `LoginRefused`, and that too has been counted."""
    begin_try(member.username)
    try:
        check_password(member, member.username, password, request_source())
    except LoginRefused as error:
        raise LoginRefused(_l("This password is wrong."), field="present") from error
    finally:
        db.session.commit()


def account_tabs(active: str) -> Sequence[TabLink]:
    """The pages of the member's own account."""
    pages = {
        "Account": _("Profile"),
        "AccountPassword": _("Password"),
        "AccountSessions": _("Sessions"),
        "AccountTwoStep": _("Two-step login"),
        "AccountTokens": _("Tokens"),
    }
    return [
        TabLink(name, words, url_for(f"{name}.index"), None, name == active) for name, words in pages.items()
    ]
