"""Hand every declared section and page to Flask-AppBuilder, and refuse to start with one that goes around us."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from flask import Flask, current_app, g, url_for
from flask_appbuilder import IndexView
from flask_appbuilder.babel.views import LocaleView
from flask_appbuilder.security.views import AuthDBView
from flask_appbuilder.views import UtilView
from flask_babel import lazy_gettext as _l

from app.extensions import appbuilder, csrf
from app.panel.actor import acted_in, acts_somewhere, current_member, role_names
from app.panel.check.declarations import refuse_wrong_declarations
from app.panel.filters.parsing import refuse_unfolded
from app.panel.formatting import ago, badge
from app.panel.forms.owner import refuse_undeclared_owner
from app.panel.layout.fragment_cache import cached_macro
from app.panel.layout.frame import Frame, FrameHtml
from app.panel.layout.navigation import Link, NavGroup, first_address, navigation
from app.panel.lists.rendering import init_rows
from app.panel.page import Page
from app.panel.section import Section
from app.panel.view_models import MenuItem

_ACCOUNT, _JOBS = "/account/", "/jobs/"
_FRAME = (IndexView, LocaleView, UtilView, AuthDBView)


class BypassedEngine(RuntimeError):
    """A view was registered that neither `Section` nor `Page` keeps safe."""


def mount() -> None:
    """Register what was declared, and refuse to start with a wrong declaration; call it once all views are imported."""
    refuse_wrong_declarations([*Section.registry, *Page.registry])
    for view in [*Section.registry, *Page.registry]:
        mounted = appbuilder.add_view_no_menu(view)
        if isinstance(mounted, Section):
            refuse_undeclared_owner(mounted)
            refuse_unfolded(mounted)
        if getattr(view, "csrf_exempt", False):
            csrf.exempt(mounted.blueprint)
    refuse_bypass(appbuilder.baseviews)


def refuse_bypass(views: list[Any]) -> None:
    """Raise for a view that is not made by the engine, nor one of the few that FAB's frame needs."""
    for view in views:
        if not isinstance(view, (Section, Page, *_FRAME)):
            raise BypassedEngine(f"{type(view).__name__} goes around the section engine")


def init_frame(app: Flask) -> None:
    """What the layout asks for on every page."""

    @app.context_processor
    def frame() -> dict[str, Any]:
        return {
            "frame": FrameHtml(_frame),
            "current_member": current_member(),
            "request_id": g.get("request_id", ""),
        }

    app.jinja_env.filters.update(jago=ago, badge=badge)
    app.jinja_env.globals["cached_macro"] = cached_macro
    init_rows(app)


@cache
def _account_links() -> tuple[MenuItem, ...]:
    return (
        MenuItem(str(_l("My account")), "user", _ACCOUNT),
        MenuItem(str(_l("Password")), "key", "/account/password/"),
        MenuItem(str(_l("Sessions")), "devices", "/account/sessions/"),
        MenuItem(str(_l("My background work")), "stack-2", _JOBS),
    )


def _frame() -> Frame:
    return Frame(
        viewer=current_member(),
        groups=_navigation(),
        links=tuple(link for link in _account_links() if link.url != _JOBS or acts_somewhere()),
        acting_organization=acted_in(),
        is_trial=current_app.config["APP_ENV"] != "production",
        presence_url="/account/presence",
        leave_url=url_for("Organizations.leave"),
        logout_url=url_for("Login.logout"),
        login_url=url_for("Login.login"),
    )


def home_url() -> str:
    """The first entry of the member's own menu, their account where there is none yet."""
    return first_address(_entries(), _links()) or _ACCOUNT


def _navigation() -> tuple[NavGroup, ...]:
    return navigation(_entries(), _links())


def _entries() -> tuple[Any, ...]:
    return _openable(appbuilder.sm.current_pairs(), len(appbuilder.baseviews), acts=acts_somewhere())


def _links() -> list[Link]:
    return [link for link in current_app.extensions.get("links", []) if link.role in role_names()]


# One for each set of rights that is asked with.
@lru_cache(maxsize=200)
def _openable(pairs: frozenset[tuple[str, str]], _mounted: int, *, acts: bool) -> tuple[Any, ...]:
    """What stands in the menu of a member with the rights *pairs*, in its order; *acts*: in an organisation."""
    entries = [
        view for view in appbuilder.baseviews if isinstance(view, Section | Page) and view.group is not None
    ]
    entries = [view for view in entries if acts or not view.needs_organization]
    mine = [view for view in entries if (_front(view), view.class_permission_name) in pairs]
    return tuple(sorted(mine, key=lambda view: view.menu_order))


@cache
def _front(view: Any) -> str:
    """The permission that opens the view's first page."""
    return f"can_{getattr(getattr(view, view.default_view), '_permission_name', 'list')}"
