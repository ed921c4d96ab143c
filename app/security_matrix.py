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
}
# Where a route is less, or something else, than the right it asks for.
VERBS_OF_ROUTES = {"Imports.add": "I", "FollowUps.file": "W", "Imports.rejected": "W"}


@dataclass(frozen=True)
class Line:
    """One route and one right; a route that runs several actions has a line for each."""

    route: str
    methods: list[str]
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
    for verb, permission, view in _rights(rule):
        roles = holders.get((permission, view), []) if permission else []
        yield Line(rule.rule, methods, section, verb, permission, roles)


def _rights(rule: Rule) -> Iterator[tuple[str, str | None, str]]:
    """(verb, permission, view) for each right that the route may ask for; no permission: a route for all."""
    endpoint, _dot, name = rule.endpoint.rpartition(".")
    view: Any = next((view for view in appbuilder.baseviews if view.endpoint == endpoint), None)
    if name in {"action", "action_post"} and hasattr(view, "declared_actions"):
        for each in view.declared_actions.values():
            permission = view.permission_of(each)
            verb = "B" if permission == "can_delete" else VERBS.get(permission, each.name)
            yield verb, permission, view.class_permission_name
        return
    marked = getattr(getattr(view, name, None), "_permission_name", None)
    if marked is None:
        yield "-", None, ""
        return
    permission = f"can_{marked}"
    verb = VERBS_OF_ROUTES.get(rule.endpoint) or VERBS.get(permission, marked)
    yield verb, permission, view.class_permission_name


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
