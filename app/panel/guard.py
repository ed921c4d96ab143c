"""The door of every route: who is not logged in is sent to the login page, who may not is told so."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import abort, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.panel.actor import acts_somewhere
from app.panel.visits import note_visit


class OrganizationNeeded(Exception):
    """A member who acts in no organisation asked for *view*, which shows the rows of one."""

    def __init__(self, view: Any) -> None:
        super().__init__(type(view).__name__)
        self.view = view


def require_organization(view: Any) -> None:
    """Raise `OrganizationNeeded` unless the member acts in an organisation."""
    if not acts_somewhere():
        raise OrganizationNeeded(view)


def wants_fragment() -> bool:
    """Whether the answer goes into a page that is already open."""
    return request.headers.get("HX-Request") == "true"


def permitted(view: Any, permission: str) -> bool:
    """Whether the one who is logged in holds *permission* (``can_edit``) on *view*."""
    return bool(view.appbuilder.sm.has_access(permission, view.class_permission_name))


def needs(
    permission: str, *, in_organization: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Guard a route of a section or page by ``can_<permission>``; FAB reads the mark for its permission list.

    `in_organization`: the route works only within one, though the section or page as a whole does not say so.
    """

    def decorate(route: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(route)
        def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
            refusal = refuse_stranger()
            if refusal is not None:
                return refusal
            if not permitted(self, f"can_{permission}"):
                abort(403)
            if in_organization or self.needs_organization:
                require_organization(self)
            note_visit(self, kwargs.get("pk"))
            return route(self, *args, **kwargs)

        guarded._permission_name = permission  # type: ignore[attr-defined]  # FAB's own mark
        return guarded

    return decorate


def refuse_stranger() -> Response | None:
    """The answer to somebody who is not logged in (or no longer active), None for everybody else."""
    if current_user.is_authenticated and current_user.is_active:
        return None
    if wants_fragment():
        abort(401)
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("Login.login", next=target))


def row_key(text: str) -> int:
    """A primary key from an address or a form; anything else does not exist."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) > 0):
        abort(404)
    return int(text)
