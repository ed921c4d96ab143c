"""The rights of roles, and the login and permission checks of routes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_appbuilder import BaseView
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.extensions import appbuilder, db
from app.lib.web_address import split_address
from app.panel.actor import acts_somewhere, has_notifications, is_member
from models.audit.recorder import record_change
from models.base import Tenant
from models.member import Member
from models.organization import Organization, OrganizationStatus
from models.tenancy.scope import actor_of


@dataclass(frozen=True)
class Grant:
    """A set of FAB permission names; ``|`` joins two grants."""

    permissions: frozenset[str]

    def __or__(self, other: Grant) -> Grant:
        return Grant(self.permissions | other.permissions)

    def __contains__(self, permission: str) -> bool:
        return permission in self.permissions


def _can(*verbs: str) -> Grant:
    return Grant(frozenset(f"can_{verb}" for verb in verbs))


class Access:
    """The vocabulary of `Section.roles`."""

    READ = _can("list", "show")
    ADD = _can("add")
    EDIT = _can("edit")
    DELETE = _can("delete")
    WRITE = READ | ADD | EDIT
    FULL = WRITE | DELETE
    TRAIL = _can("trail")
    EXPORT = _can("export")
    IMPORT = _can("import")

    @staticmethod
    def actions(*names: str) -> Grant:
        """The right to run the named actions or pages of the section."""
        return _can(*names)


# Roles of the platform, whose members belong to no organisation.
PLATFORM_ROLES = frozenset({"Admin", "Operator"})
# All roles, including those that no section names.
ROLES = ("Consultant", "SupportAgent", "Manager", "Operator", "Admin")
EVERYTHING = "Admin"


class OrganizationNeeded(Exception):
    """A member without an acting organisation requested *view*, which shows the rows of one organisation."""

    def __init__(self, view: BaseView) -> None:
        super().__init__(type(view).__name__)
        self.view = view


def require_organization(view: BaseView) -> None:
    """Raise `OrganizationNeeded` unless the member acts in an organisation."""
    if not (has_notifications() if view.is_for_operators else acts_somewhere()):
        raise OrganizationNeeded(view)


def wants_fragment() -> bool:
    """Whether the response replaces a part of an open page."""
    return request.headers.get("HX-Request") == "true"


def is_in_place() -> bool:
    """Whether a script has sent the form of a page, which stays open until the response is known."""
    return "X-In-Place" in request.headers


def permitted(view: BaseView, permission: str) -> bool:
    """Whether the user has *permission* (``can_edit``) on *view*."""
    if getattr(view, "is_of_members", False):
        return is_member()
    return bool(view.appbuilder.sm.has_access(permission, view.class_permission_name))


def permitted_section(slug: str, permission: str) -> Any:
    """The section or page called *slug* if the user has *permission* on it; otherwise None."""
    found = next((view for view in appbuilder.baseviews if getattr(view, "slug", None) == slug), None)
    return found if found is not None and permitted(found, permission) else None


def requires(
    permission: str, *, in_organization: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that requires ``can_<permission>`` for a route of a section or page.

    With *in_organization* the route also requires an acting organisation, even if its section or page does not.
    """

    def decorate(route: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(route)
        def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
            refusal = require_login()
            if refusal is not None:
                return refusal
            if not permitted(self, f"can_{permission}"):
                abort(403)
            if in_organization or self.needs_organization:
                require_organization(self)
            # By position in the call of a route that another one extends.
            log_view(self, kwargs.get("pk", *args[:1]))
            return route(self, *args, **kwargs)

        guarded._permission_name = permission  # type: ignore[attr-defined]  # FAB lists permissions by it
        return guarded

    return decorate


def require_login() -> Response | None:
    """The response for an anonymous or inactive user; None for an active member."""
    if current_user.is_authenticated and current_user.is_active:
        return None
    if wants_fragment():
        abort(401)
    target = request.full_path.rstrip("?") if request.method == "GET" else _page_of_form()
    return redirect(url_for("Login.login", next=target))


def _page_of_form() -> str | None:
    """The address of the page of the panel from which the form was sent; its values are in the draft there."""
    page = split_address(request.referrer or "")
    adapter = current_app.create_url_adapter(request)
    if page.netloc != request.host or adapter is None or not adapter.test(page.path, "GET"):
        return None
    return f"{page.path}?{page.query}" if page.query else page.path


def row_key(text: str) -> int:
    """The primary key in an address or a form; 404 for any other text."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) > 0):
        abort(404)
    return int(text)


def lock_membership() -> None:
    """Lock the member's row until the commit; 403 if their membership ended since the request began."""
    # Lock order: member, then rows (avoids deadlocks).
    statement = (
        select(Member.active, Member.organization_id, Organization.status)
        .outerjoin(Organization, Member.organization_id == Organization.id)
        .where(Member.id == actor_of(db.session()).member_id)
        .with_for_update(read=True, of=Member)
    )
    found = db.session.execute(statement).one_or_none()
    # `current_user` has the state at the start of the request, from which its scope was made.
    if found is None or not found.active or found.organization_id != current_user.organization_id:
        abort(403)
    if found.status not in {None, OrganizationStatus.ACTIVE}:
        abort(403)


def log_view(view: BaseView, key: object) -> None:
    """Note that the request reads rows of *view*, or the row with *key*; a successful response records it."""
    if getattr(view, "logs_views", False):
        # A page has no rows of its own: the key is that of something beside it, such as a saved report.
        g.viewed = type(view), None
        return
    g.viewed = getattr(view, "model", None), int(str(key)) if key and str(key).isdecimal() else None


def _record_view(response: Response) -> Response:
    """Record the reading of rows by a platform member as an audit event."""
    model, key = g.get("viewed", (None, None))
    # A redirect shows no rows, and a write records its own events.
    if model is None or request.method != "GET" or response.status_code not in {200, 304}:
        return response
    is_recorded = getattr(model, "logs_views", False) or issubclass(model, Tenant | Member)
    if is_recorded and _acts_as_guest():
        record_change(db.session(), "view", model, key, row=db.session.get(model, key) if key else None)
        db.session.commit()
    return response


def _acts_as_guest() -> bool:
    """Whether a platform member acts in an organisation."""
    # The member is expired after a commit, so their columns would cost a statement.
    if not current_user.is_authenticated or g.get("is_member"):
        return False
    return actor_of(db.session()).organization_id is not None


def init_view_log(app: Flask) -> None:
    app.after_request(_record_view)
