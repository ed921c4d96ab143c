"""Every route with the right it asks for and the roles that hold it, as `security-matrix` prints them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import click
from flask import current_app
from sqlalchemy import select
from werkzeug.routing import Rule

from app.extensions import appbuilder, db
from app.panel.access import ROLES
from app.panel.api.routes import Guarded
from app.panel.page import Audience, Page
from app.panel.section import Section

Holders = Mapping[tuple[str, str], list[str]]

# The letters of the permission matrix; a right that is not among them stands under its own name.
VERBS = {
    "can_list": "L",
    "can_show": "V",
    "can_add": "A",
    "can_edit": "E",
    "can_delete": "D",
    "can_record": "T",
    "can_assign": "G",
    "can_assign_in_turn": "G",
    "can_reassign": "G",
    "can_cancel": "C",
    "can_sms": "M",
    "can_set_password": "P",
    "can_activate": "R",
    "can_restore": "R",
    "can_suspend": "E",
    "can_enter": "enter",
    "can_trail": "H",
    "can_export": "X",
    "can_import": "I",
}
# Where a route is less, or something else, than the right it asks for.
VERBS_OF_ROUTES = {"Imports.add": "I", "Imports.rejected": "W"}
_VERBS_OF_FILES = {"attach": "U", "file": "W"}
# What stands where a page for roles forgot to ask for a right; a test fails on it.
UNGUARDED = "nothing"


@dataclass(frozen=True)
class Line:
    """One route and one right; a route that runs several actions has a line for each."""

    route: str
    methods: list[str]
    audience: str
    section: str
    verb: str
    permission: str | None
    roles: list[str]


@click.command("security-matrix")
@click.option("--json", "as_json", is_flag=True, help="Print the lines as JSON.")
def security_matrix(*, as_json: bool) -> None:
    """Print every route with its section, verb and permission, and the roles that hold it."""
    lines = security_lines()
    if as_json:
        click.echo(json.dumps([asdict(line) for line in lines], ensure_ascii=False))
        return
    for line in lines:
        click.echo(f"{line.route:<45} {line.verb:<16} {line.permission or '—':<22} {' '.join(line.roles)}")


def security_lines() -> list[Line]:
    """The lines of all routes, by their address; the roles are those that stand in the database."""
    holders = _holders()
    rules = sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule)
    return [line for rule in rules for line in _lines(rule, holders)]


def _lines(rule: Rule, holders: Holders) -> Iterator[Line]:
    methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    section = rule.rule.strip("/").split("/")[0]
    endpoint, _dot, name = rule.endpoint.rpartition(".")
    if section == "console":
        # Flask-Admin asks no right but the view itself: whether somebody is a platform admin.
        verb = "E" if "POST" in methods else "L"
        yield Line(rule.rule, methods, Audience.ROLES.value, section, verb, "is_accessible", ["Admin"])
        return
    guarded = current_app.view_functions[rule.endpoint]
    if isinstance(guarded, Guarded):
        roles = holders.get((guarded.permission, guarded.section.class_permission_name), [])
        verb, section = VERBS[guarded.permission], guarded.section.slug
        yield Line(rule.rule, methods, Audience.ROLES.value, section, verb, guarded.permission, roles)
        return
    view: Any = next((view for view in appbuilder.baseviews if view.endpoint == endpoint), None)
    audience = _audience(view)
    if audience is Audience.ROLES:
        # A page's name may have several parts, as «settings/sms-variables» has.
        section = getattr(view, "slug", section)
        for verb, permission in _rights(view, name):
            roles = holders.get((permission, view.class_permission_name), [])
            yield Line(rule.rule, methods, audience.value, section, verb, permission, roles)
        return
    verb = "E" if "POST" in methods else "V"
    roles = list(ROLES) if audience is Audience.MEMBERS else []
    yield Line(rule.rule, methods, audience.value, section, verb, None, roles)


def _audience(view: Any) -> Audience:
    """Whom the route is for; FAB's frame (login, language) and the files of pages are for everybody."""
    if isinstance(view, Section):
        return Audience.ROLES
    return view.audience if isinstance(view, Page) else Audience.EVERYBODY


def _rights(view: Any, name: str) -> Iterator[tuple[str, str]]:
    """(verb, permission) for each right that the route may ask for; a route without one says so."""
    if name in {"action", "action_post"} and isinstance(view, Section):
        for each in view.declared_actions.values():
            permission = view.permission_of(each)
            yield "B" if permission == "can_delete" else VERBS.get(permission, each.name), permission
        return
    marked = getattr(getattr(view, name), "_permission_name", None)
    permission = f"can_{marked}" if marked else UNGUARDED
    route = f"{type(view).__name__}.{name}"
    if name in _VERBS_OF_FILES and isinstance(view, Section):
        yield _VERBS_OF_FILES[name], permission
        return
    yield VERBS_OF_ROUTES.get(route) or VERBS.get(permission, permission.removeprefix("can_")), permission


def _holders() -> Holders:
    """Who holds each (permission, view): the names of the roles."""
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
