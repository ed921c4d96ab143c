"""The check of roles, rights, routes, icons, templates and addresses in a declaration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from flask import current_app
from flask_appbuilder import BaseView
from jinja2 import TemplateNotFound

from app.panel.access import ROLES
from app.panel.action import actions_of
from app.panel.check.problems import DeclarationProblem, listed, nearest
from app.panel.check.right_labels import right_label
from app.panel.contributions import contributed_by_right
from app.panel.declaration import Declaration
from app.panel.layout.assets import has_icon, icon_names
from app.panel.layout.navigation import MenuGroup

_TEMPLATES = ("list_template", "form_template", "conflict_template")
# The routes that run actions; without both of them no action can run.
_ACTION_ROUTES = frozenset({"action", "action_post"})


def problems_of_rights(view: BaseView) -> Iterator[DeclarationProblem]:
    yield from _roles(view)
    yield from _given_right(view, "owner_right")
    yield from _given_right(view, "menu_right")
    yield from _right_labels(view)
    yield from _routes(view)
    yield from _look(view)


def rights_of(view: BaseView) -> frozenset[str]:
    """The rights that the routes, actions and contributions of the view require."""
    class_, rights = type(view), set()
    for name in _route_names(class_) - set(listed(view, "exclude_route_methods")):
        mark = getattr(getattr(class_, name), "_permission_name", None)
        if mark:
            rights.add(f"can_{mark}")
    if isinstance(view, Declaration):
        rights |= set(contributed_by_right())
        if not set(listed(view, "exclude_route_methods")) >= _ACTION_ROUTES:
            rights |= {view.permission_of(each) for each in actions_of(class_).values()}
    return frozenset(rights)


def _route_names(class_: type) -> set[str]:
    return {name for name in dir(class_) if hasattr(getattr(class_, name, None), "_urls")}


def _roles(view: BaseView) -> Iterator[DeclarationProblem]:
    where, rights = type(view).__name__, rights_of(view)
    for role, grant in view.roles.items():
        if role not in ROLES:
            yield DeclarationProblem(where, "roles", role, "is no role", nearest(role, ROLES))
        for right in sorted(grant.permissions - rights):
            reason = f"is a right of {role} that no route and no action of the section asks for"
            better = nearest(right, rights)
            yield DeclarationProblem(
                where,
                f"roles[{role!r}]",
                right.removeprefix("can_"),
                reason,
                better and better.removeprefix("can_"),
            )


def _given_right(view: BaseView, word: str) -> Iterator[DeclarationProblem]:
    right = getattr(view, word, None)
    given = {each.removeprefix("can_") for each in view.all_permissions()}
    if right is not None and right not in given:
        yield DeclarationProblem(
            type(view).__name__, word, right, "is no right that `roles` give", nearest(right, given)
        )


def _right_labels(view: BaseView) -> Iterator[DeclarationProblem]:
    """The rights that the matrix of roles could show by their names alone."""
    labels = view.right_labels
    for right in sorted(view.all_permissions() & rights_of(view)):
        if right_label(type(view), right) is None:
            name = right.removeprefix("can_")
            reason = "is a right without a label; `right_labels` has it"
            yield DeclarationProblem(type(view).__name__, "roles", name, reason, nearest(name, labels))


def _routes(view: BaseView) -> Iterator[DeclarationProblem]:
    class_ = type(view)
    routes = _route_names(class_)
    for name in sorted(listed(view, "exclude_route_methods")):
        if name not in routes:
            yield DeclarationProblem(
                class_.__name__, "exclude_route_methods", name, "is no route", nearest(name, routes)
            )
    if view.group is not None and view.default_view not in routes:
        reason = "is no route"
        yield DeclarationProblem(
            class_.__name__, "default_view", view.default_view, reason, nearest(view.default_view, routes)
        )


def _look(view: BaseView) -> Iterator[DeclarationProblem]:
    where = type(view).__name__
    if view.group is not None and not isinstance(view.group, MenuGroup):
        yield DeclarationProblem(
            where, "group", str(view.group), "is no menu group; `views/groups.py` declares them"
        )
    icons = [("icon", view.icon)]
    icons += [(f"action {name}", each.icon) for name, each in actions_of(type(view)).items()]
    for word, icon in icons:
        if not has_icon(icon):
            yield DeclarationProblem(where, word, icon, "is no icon", nearest(icon, icon_names()))
    for word in _TEMPLATES:
        name = getattr(view, word, None)
        if name and _is_missing(name):
            yield DeclarationProblem(where, word, name, "is no template", nearest(name, _siblings(name)))


def _is_missing(template: str) -> bool:
    loader: Any = current_app.jinja_env.loader
    try:
        loader.get_source(current_app.jinja_env, template)
    except TemplateNotFound:
        return True
    return False


def _siblings(template: str) -> list[str]:
    folder = Path(current_app.root_path, current_app.template_folder or "templates")
    suffix = Path(template).suffix or ".html"
    return [found.relative_to(folder).as_posix() for found in folder.rglob(f"*{suffix}")]


def problems_of_addresses(views: Sequence[BaseView]) -> Iterator[DeclarationProblem]:
    """The views whose slug another view has too, so that one of them is unreachable."""
    counted: Counter[str] = Counter(view.slug for view in views)
    for view in views:
        if counted[view.slug] > 1:
            others = [type(each).__name__ for each in views if each.slug == view.slug and each is not view]
            yield DeclarationProblem(
                type(view).__name__, "slug", view.slug, f"is also the slug of {', '.join(others)}"
            )
