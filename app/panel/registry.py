"""Registration of all sections and pages with Flask-AppBuilder, and the frame around them."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from flask import Flask, current_app, g, url_for
from flask_appbuilder import BaseView, IndexView
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
    """A registered view is neither a `Section` nor a `Page`, so its routes are not checked."""


def mount() -> None:
    """Check and register all declared sections and pages; call it after all views are imported."""
    refuse_wrong_declarations([*Section.registry, *Page.registry])
    for view in [*Section.registry, *Page.registry]:
        mounted = appbuilder.add_view_no_menu(view)
        if isinstance(mounted, Section):
            refuse_undeclared_owner(mounted)
            refuse_unfolded(mounted)
        if getattr(view, "csrf_exempt", False):
            csrf.exempt(mounted.blueprint)
    refuse_bypass(appbuilder.baseviews)


def refuse_bypass(views: list[BaseView]) -> None:
    """Raise for a view that is neither of the engine nor one that Flask-AppBuilder needs."""
    for view in views:
        if not isinstance(view, (Section, Page, *_FRAME)):
            raise BypassedEngine(f"{type(view).__name__} goes around the section engine")


def init_frame(app: Flask) -> None:
    """Give templates the frame, the member and the filters that the layout uses."""

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
    """The address of the first entry of the member's menu; their account where the menu is empty."""
    return first_address(_entries(), _links()) or _ACCOUNT


def _navigation() -> tuple[NavGroup, ...]:
    return navigation(_entries(), _links())


def _entries() -> tuple[Any, ...]:
    return _openable(appbuilder.sm.current_pairs(), len(appbuilder.baseviews), acts=acts_somewhere())


def _links() -> list[Link]:
    return [link for link in current_app.extensions.get("links", []) if link.role in role_names()]


# One entry for each set of rights.
@lru_cache(maxsize=200)
def _openable(pairs: frozenset[tuple[str, str]], _mounted: int, *, acts: bool) -> tuple[Any, ...]:
    """The menu entries for the rights *pairs*, in order; *acts* is true with an acting organisation."""
    entries = [
        view for view in appbuilder.baseviews if isinstance(view, Section | Page) and view.group is not None
    ]
    entries = [view for view in entries if acts or not view.needs_organization]
    allowed = [view for view in entries if (_first_permission(view), view.class_permission_name) in pairs]
    return tuple(sorted(allowed, key=lambda view: view.menu_order))


@cache
def _first_permission(view: BaseView) -> str:
    """The permission for the default page of the view."""
    return f"can_{getattr(getattr(view, view.default_view), '_permission_name', 'list')}"
