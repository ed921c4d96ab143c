"""The REST routes of sections with `rest = True`, with the rows, forms, rights and messages of the panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Flask, g, jsonify
from flask_login import current_user
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response

from app.extensions import appbuilder, csrf
from app.panel.access import permitted
from app.panel.action import Action
from app.panel.api.acts import run_act, run_action
from app.panel.api.auth import ROOT
from app.panel.api.errors import Problem, handle_problems
from app.panel.api.info import describe
from app.panel.api.openapi import openapi
from app.panel.api.verbs import add, delete, edit, index, show
from app.panel.errors.organization_needed import rest_hint
from app.panel.rates.groups import DEFAULTS, Group, Rates
from app.panel.section import Section
from models.account import TokenScope

api = Blueprint("api", __name__, url_prefix=ROOT.rstrip("/"))
handle_problems(api)


def init_rest(app: Flask) -> None:
    """Add the REST routes of all mounted sections; each section gets only the routes that its rights allow."""
    app.url_map.converters["key"] = _Key
    csrf.exempt(api)  # Requests are authenticated by token, never by cookie.
    api.add_url_rule("/openapi.json", "openapi", describe_all)
    for section in rest_sections().values():
        _route(section)
    app.register_blueprint(api)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's default provider has it


def rest_sections() -> Mapping[str, Section]:
    """The sections with REST routes, by slug."""
    views = (view for view in appbuilder.baseviews if isinstance(view, Section))
    return {view.slug: view for view in views if view.rest}


class _Key(BaseConverter):
    """The URL converter of row keys: digits without leading zeros."""

    regex = "[1-9][0-9]{0,17}"


@dataclass(frozen=True)
class _Verb:
    """An HTTP method of an address, the right that it needs, and its function."""

    method: str
    path: str
    right: str
    answer: Callable[..., Any]
    rates: Rates = DEFAULTS


@dataclass(frozen=True)
class Guarded:
    """A verb of one section behind its checks: first authentication (401), then rights (403)."""

    section: Section
    verb: _Verb

    @property
    def permission(self) -> str:
        return f"can_{self.verb.right}"

    @property
    def rates(self) -> Rates:
        """The group of the requests (`app/panel/rates/groups.py`)."""
        return self.verb.rates

    def __call__(self, **arguments: Any) -> Any:
        if not current_user.is_authenticated:
            raise Problem(401)
        may_write = g.api_token.scope is TokenScope.WRITE
        if not permitted(self.section, self.permission) or (self.verb.method != "GET" and not may_write):
            raise Problem(403)
        if self.verb.method != "GET" and self.section.needs_organization and (hint := rest_hint()):
            raise Problem(409, hint)
        return self.verb.answer(self.section, **arguments)


def _route(section: Section) -> None:
    for verb in _VERBS:
        guarded = Guarded(section, verb)
        if guarded.permission in section.all_permissions():
            rule, endpoint = f"/{section.slug}/{verb.path}", f"{section.slug} {verb.answer.__name__}"
            api.add_url_rule(rule, endpoint, guarded, methods=[verb.method])
    for each in section.declared_actions.values():
        guarded = Guarded(section, _action_verb(section, each))
        if each.rest and guarded.permission in section.all_permissions():
            rule = f"/{section.slug}/{guarded.verb.path}"
            api.add_url_rule(rule, f"{section.slug} {each.name}", guarded, methods=["POST"])
    for act in section.rest_acts:
        verb = _Verb("POST", f"<key:pk>/{act.name}", act.right, partial(run_act, act=act))
        guarded = Guarded(section, verb)
        api.add_url_rule(
            f"/{section.slug}/{verb.path}", f"{section.slug} rest {act.name}", guarded, methods=["POST"]
        )


def _action_verb(section: Section, chosen: Action) -> _Verb:
    right = section.permission_of(chosen).removeprefix("can_")
    return _Verb("POST", f"<key:pk>/{chosen.name}", right, partial(run_action, chosen=chosen))


def describe_all() -> Response:
    return jsonify(openapi(rest_sections()))


_VERBS = (
    _Verb("GET", "", "list", index, Rates(read=Group.LIST)),
    _Verb("GET", "_info", "list", describe),
    _Verb("GET", "<key:pk>", "show", show),
    _Verb("POST", "", "add", add),
    _Verb("PUT", "<key:pk>", "edit", edit),
    _Verb("DELETE", "<key:pk>", "delete", delete),
)
