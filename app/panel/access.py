"""Roles' rights, and the login and permission checks of routes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, abort, g, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.actor import acts_somewhere
from models.audit.recorder import record_change
from models.base import Tenant
from models.member import Member
from models.organization import Organization, OrganizationStatus
from models.tenancy.scope import actor_of


@dataclass(frozen=True)
class Grant:
    """A set of FAB permission names; grants add up with ``|``."""

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

    @staticmethod
    def actions(*names: str) -> Grant:
        """The right to run the named actions or pages of the section."""
        return _can(*names)


# Roles of the platform: no organisation of their own.
PLATFORM_ROLES = frozenset({"Admin", "Operator"})
# Every role that exists, whether or not a section names it yet.
ROLES = ("Consultant", "SupportAgent", "Manager", "Operator", "Admin")
EVERYTHING = "Admin"


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


def requires(
    permission: str, *, in_organization: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Guard a route of a section or page by ``can_<permission>``; FAB reads the mark for its permission list.

    `in_organization`: the route works only within one, though the section or page as a whole does not say so.
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
            log_view(self, kwargs.get("pk"))
            return route(self, *args, **kwargs)

        guarded._permission_name = permission  # type: ignore[attr-defined]  # FAB's own mark
        return guarded

    return decorate


def require_login() -> Response | None:
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


def lock_membership() -> None:
    """Refuse who has lost his place since the request began; until the commit nobody can take it from him.

    Members come before rows in every transaction that locks both, lest two wait crosswise.
    """
    statement = (
        select(Member.active, Member.organization_id, Organization.status)
        .outerjoin(Organization, Member.organization_id == Organization.id)
        .where(Member.id == actor_of(db.session()).member_id)
        .with_for_update(read=True, of=Member)
    )
    found = db.session.execute(statement).one_or_none()
    # What stands in `current_user` is what the request began with, and what its scope was made of.
    if found is None or not found.active or found.organization_id != current_user.organization_id:
        abort(403)
    if found.status not in {None, OrganizationStatus.ACTIVE}:
        abort(403)


def log_view(view: Any, key: Any) -> None:
    """Remember that the request reads rows of *view*, or the one with *key*; told when the answer shows them."""
    g.visit = getattr(view, "model", None), int(key) if key and str(key).isdecimal() else None


def _tell(response: Response) -> Response:
    model, key = g.get("visit", (None, None))
    # A redirect showed nothing; what an act changes is told by the act.
    if model is None or request.method != "GET" or response.status_code not in {200, 304}:
        return response
    if _comes_from_outside() and issubclass(model, Tenant | Member):
        record_change(db.session(), "view", model, key)
        db.session.commit()
    return response


def _comes_from_outside() -> bool:
    if not current_user.is_authenticated or current_user.organization_id is not None:
        return False
    return actor_of(db.session()).organization_id is not None


def init_view_log(app: Flask) -> None:
    app.after_request(_tell)
