"""The browser's session: who is logged in by it, and how they get in."""

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
# A password was right, the second step is missing: [member id, when, where to go then].
AWAITING = "awaits_code"
AWAITING_FOR = 300


def enter(member: Member, key: str, target: str) -> Response:
    """Log *member* in under a new session; what was planted before the login does not survive it."""
    session.clear()
    login_user(member, remember=False)
    session[KEY] = key
    return redirect(get_safe_redirect(target))


def await_code(member: Member, target: str) -> Response:
    """Remember for a few minutes that the password was right."""
    session.clear()
    session[AWAITING] = [member.id, datetime.now(UTC).timestamp(), target]
    return redirect(url_for("Login.code"))


def awaiting() -> tuple[int, str] | None:
    """ReadScope code is awaited and where to go then; None when nobody's is, or no longer."""
    pk, since, target = session.get(AWAITING) or (0, 0.0, "")
    if not pk or datetime.now(UTC).timestamp() - since > AWAITING_FOR:
        return None
    return pk, target


def own_session() -> UserSession:
    """The session of who is asking."""
    found: UserSession = g.user_session
    return found


def for_members(route: Callable[..., Any]) -> Callable[..., Any]:
    """Guard a route that everybody who is logged in may use, whatever his roles."""

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
    """Keep the time at which the session was last seen; at most a write a minute."""
    if changed:
        db.session.commit()
