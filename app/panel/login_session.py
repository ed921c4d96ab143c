"""The login state in the session cookie: password accepted, code awaited, logged in."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import g, redirect, session, url_for
from flask_appbuilder.utils.base import get_safe_redirect
from flask_login import login_user
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import require_login, require_organization
from models.account import UserSession
from models.member import Member

KEY = "sid"
# Where Flask-Login keeps the id of the member.
USER = "_user_id"
# Set after the password and before the code: [member id, timestamp, address of the next page].
AWAITING = "awaits_code"
AWAITING_FOR = 300


def enter(member: Member, key: str, target: str) -> Response:
    """Log *member* in with the session *key*, and redirect to *target*."""
    # Values set before the login are dropped, which prevents session fixation.
    session.clear()
    login_user(member, remember=False)
    session[KEY] = key
    return redirect(get_safe_redirect(target))


def await_code(member: Member, target: str) -> Response:
    """Store for a few minutes that the password was correct, and ask for the code."""
    session.clear()
    session[AWAITING] = [member.id, datetime.now(UTC).timestamp(), target]
    return redirect(url_for("Login.code"))


def awaiting() -> tuple[int, str] | None:
    """(member id, address of the next page) while a code is awaited; else None."""
    pk, since, target = session.get(AWAITING) or (0, 0.0, "")
    if not pk or datetime.now(UTC).timestamp() - since > AWAITING_FOR:
        return None
    return pk, target


def own_session() -> UserSession:
    """The session of the request."""
    found: UserSession = g.user_session
    return found


def for_members(route: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator that allows a route to every logged-in user, whatever their roles."""

    @functools.wraps(route)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        refusal = require_login()
        if refusal is not None:
            return refusal
        if self.needs_organization:
            require_organization(self)
        return route(self, *args, **kwargs)

    return guarded


def remember_touch(*, changed: bool) -> None:
    """Commit the time of the last request of the session if it *changed*."""
    if changed:
        db.session.commit()
