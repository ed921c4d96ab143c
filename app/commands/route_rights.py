"""The routes with their permissions and the roles that have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select
from werkzeug.routing import Rule

from app.commands.verbs import VERBS, VERBS_OF_FILES, VERBS_OF_ROUTES
from app.extensions import appbuilder, db
from app.panel.access import PLATFORM_ROLES, ROLES
from app.panel.api.routes import Guarded
from app.panel.page import Page, PageAudience
from app.panel.section import Section

RolesByPair = Mapping[tuple[str, str], list[str]]

# The permission of a page for roles that checks none; a test fails on it.
UNGUARDED = "nothing"


@dataclass(frozen=True)
class RouteRight:
    """One route with one permission; a route that runs several actions has a line for each."""

    route: str
    methods: list[str]
    audience: str
    section: str
    verb: str
    permission: str | None
    roles: list[str]


def security_lines() -> list[RouteRight]:
    """The lines of all routes, sorted by address, with the roles in the database."""
    roles_by_pair = _roles_by_pair()
    rules = sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule)
    return [line for rule in rules for line in _lines(rule, roles_by_pair)]


def _lines(rule: Rule, roles_by_pair: RolesByPair) -> Iterator[RouteRight]:
    methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    section = rule.rule.strip("/").split("/")[0]
    endpoint, _dot, name = rule.endpoint.rpartition(".")
    if section == "console":
        # The console has no permissions; each view checks for a platform admin.
        verb = "E" if "POST" in methods else "L"
        yield RouteRight(
            rule.rule, methods, PageAudience.ROLES.value, section, verb, "is_accessible", ["Admin"]
        )
        return
    guarded = current_app.view_functions[rule.endpoint]
    if isinstance(guarded, Guarded):
        roles = roles_by_pair.get((guarded.permission, guarded.section.class_permission_name), [])
        verb = VERBS.get(guarded.permission, guarded.permission.removeprefix("can_"))
        section = guarded.section.slug
        yield RouteRight(
            rule.rule, methods, PageAudience.ROLES.value, section, verb, guarded.permission, roles
        )
        return
    view: Any = next((view for view in appbuilder.baseviews if view.endpoint == endpoint), None)
    audience = _audience(view)
    if audience in {PageAudience.ROLES, PageAudience.ORGANIZATION}:
        # The slug of a page may have several parts, such as «settings/sms-variables».
        section = getattr(view, "slug", section)
        for verb, permission in _permissions(view, name):
            roles = roles_by_pair.get((permission, view.class_permission_name), [])
            if audience is PageAudience.ORGANIZATION:
                roles = [role for role in ROLES if role not in PLATFORM_ROLES]
            yield RouteRight(rule.rule, methods, audience.value, section, verb, permission, roles)
        return
    verb = "E" if "POST" in methods else "V"
    roles = list(ROLES) if audience is PageAudience.MEMBERS else []
    yield RouteRight(rule.rule, methods, audience.value, section, verb, None, roles)


def _audience(view: Any) -> PageAudience:
    """The audience of a route; FAB's views (login, language) and static files are for everybody."""
    if isinstance(view, Section):
        return PageAudience.ROLES
    return view.audience if isinstance(view, Page) else PageAudience.EVERYBODY


def _permissions(view: Any, name: str) -> Iterator[tuple[str, str]]:
    """(verb, permission) for each permission that the route may check, `UNGUARDED` if there is none."""
    if name in {"action", "action_post"} and isinstance(view, Section):
        for each in view.declared_actions.values():
            permission = view.permission_of(each)
            yield "B" if permission == "can_delete" else VERBS.get(permission, each.name), permission
        return
    marked = getattr(getattr(view, name), "_permission_name", None)
    permission = f"can_{marked}" if marked else UNGUARDED
    route = f"{type(view).__name__}.{name}"
    if name in VERBS_OF_FILES and isinstance(view, Section):
        yield VERBS_OF_FILES[name], permission
        return
    yield VERBS_OF_ROUTES.get(route) or VERBS.get(permission, permission.removeprefix("can_")), permission


def _roles_by_pair() -> RolesByPair:
    """The names of the roles that have each (permission, view)."""
    sm = appbuilder.sm
    pair, permission, view = sm.permissionview_model, sm.permission_model, sm.viewmenu_model
    statement = (
        select(permission.name, view.name, sm.role_model.name)
        .select_from(pair)
        .join(permission, pair.permission_id == permission.id)
        .join(view, pair.view_menu_id == view.id)
        .join(pair.role)
        .order_by(sm.role_model.name)
    )
    found: dict[tuple[str, str], list[str]] = {}
    for name, of, role in db.session.execute(statement):
        found.setdefault((name, of), []).append(role)
    return found
