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
from flask_login import current_user

from app.extensions import appbuilder, csrf, db
from app.panel.actor import acted_in, acts_somewhere, current_member, has_notifications, is_member, role_names
from app.panel.check.declarations import refuse_wrong_declarations
from app.panel.filters.parsing import refuse_unfolded
from app.panel.formatting import ago, amount_words, badge, money_unit, money_words
from app.panel.forms.owner import refuse_undeclared_owner
from app.panel.layout.first_day import FOLDED, FirstDay, first_day
from app.panel.layout.fragment_cache import cached_macro, without_indentation
from app.panel.layout.frame import Frame, FrameButton, FrameHtml
from app.panel.layout.menu_counts import init_menu_counts
from app.panel.layout.navigation import (
    Link,
    NavGroup,
    TopBarButton,
    bottom_bar,
    first_address,
    menu_counts,
    navigation,
)
from app.panel.lists.rendering import init_rows
from app.panel.lists.values import init_values
from app.panel.notifications.saved_reports import add_report_notices
from app.panel.notifications.word import add_rules
from app.panel.page import Page, PageAudience
from app.panel.report.rendering import init_reports
from app.panel.section import Section
from app.panel.view_models import MenuItem
from models.tenancy.scope import actor_of

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
        add_report_notices(mounted)
        add_rules(mounted)
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

    app.jinja_env.filters.update(
        jago=ago, badge=badge, bottom_bar=bottom_bar, jmoney=money_words, amount=amount_words
    )
    app.jinja_env.globals.update(cached_macro=cached_macro, money_unit=money_unit, first_day=_first_day)
    app.jinja_env.filters["without_indentation"] = without_indentation
    init_menu_counts(app, _menu_counts)
    init_rows(app)
    init_reports(app)
    init_values(app)


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
        # Read before the buttons: their numbers come with the same statement.
        groups=menu(),
        buttons=_buttons(),
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


def _first_day(view: Any) -> FirstDay | None:
    """The steps of the first day, where *view* is the first entry of the member's menu."""
    return first_day() if view.base_url == home_url() else None


def menu() -> tuple[NavGroup, ...]:
    """The side menu of the member, with the groups as they left them."""
    opened = getattr(current_user, "menu_groups", None) or {}
    return navigation(_entries(), _links(), opened)


def _menu_counts() -> dict[str, str]:
    """The numbers of the menu as texts. The member is not read again after the commit of an act."""
    pairs = appbuilder.sm.current_pairs()
    acts = actor_of(db.session()).organization_id is not None
    openable = _openable(pairs, len(appbuilder.baseviews), acts=acts, is_of_members=is_member())
    counts = menu_counts([view for view in openable if _is_in_menu(view, pairs)])
    counts |= {view.top_bar.name: view.top_bar.number() for view in _in_top_bar(pairs, acts=acts)}
    return {name: badge(number) if number else "" for name, number in counts.items()}


def _buttons() -> tuple[FrameButton, ...]:
    views = _in_top_bar(appbuilder.sm.current_pairs(), acts=acts_somewhere())
    return tuple(_button(view.top_bar, view.base_url) for view in views)


def _button(button: TopBarButton, base_url: str) -> FrameButton:
    url, number = base_url + button.path, button.number()
    return FrameButton(str(button.label), button.icon, url, button.name, number, button.key)


def is_menu_group(key: str) -> bool:
    """Whether members can fold *key*: a group of the menu, or the steps of the first day."""
    return key == FOLDED or any(
        view.group.key == key for view in appbuilder.baseviews if getattr(view, "group", None)
    )


def more_sections() -> list[Any]:
    """The sections and pages that the member may open and the menu leaves out."""
    shown = _entries()
    return [view for view in _openable_now() if view not in shown]


def _entries() -> tuple[Any, ...]:
    return _menu_of(appbuilder.sm.current_pairs(), _openable_now())


# One entry for each set of rights, as below: a page asks for the menu several times.
@lru_cache(maxsize=200)
def _menu_of(pairs: frozenset[tuple[str, str]], openable: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(view for view in openable if _is_in_menu(view, pairs))


def _is_in_menu(view: Any, pairs: frozenset[tuple[str, str]]) -> bool:
    return view.menu_right is None or (f"can_{view.menu_right}", view.class_permission_name) in pairs


def _openable_now() -> tuple[Any, ...]:
    pairs, mounted = appbuilder.sm.current_pairs(), len(appbuilder.baseviews)
    return _openable(pairs, mounted, acts=acts_somewhere(), is_of_members=is_member())


def _links() -> list[Link]:
    return [link for link in current_app.extensions.get("links", []) if link.role in role_names()]


# One entry for each set of rights.
@lru_cache(maxsize=200)
def _openable(
    pairs: frozenset[tuple[str, str]], _mounted: int, *, acts: bool, is_of_members: bool
) -> tuple[Any, ...]:
    """The sections and pages for the rights *pairs*, in order; *acts* is true with an acting organisation.

    *is_of_members* is true for a member of an organisation.
    """
    entries = [
        view for view in appbuilder.baseviews if isinstance(view, Section | Page) and view.group is not None
    ]
    entries = [view for view in entries if acts or not view.needs_organization]
    allowed = [
        view
        for view in entries
        if (_first_permission(view), view.class_permission_name) in pairs
        or (is_of_members and getattr(view, "is_of_members", False))
    ]
    return tuple(sorted(allowed, key=lambda view: view.menu_order))


def _in_top_bar(pairs: frozenset[tuple[str, str]], *, acts: bool) -> list[Any]:
    """The sections and pages with a button in the top bar that the member may open; the last one is the bell."""
    may_see = has_notifications()
    declared = [
        view
        for view in appbuilder.baseviews
        if getattr(view, "top_bar", None) and (acts or (may_see and view.is_for_operators))
    ]
    to_all = [view for view in declared if getattr(view, "audience", None) is PageAudience.MEMBERS]
    return [
        *(
            view
            for view in declared
            if view not in to_all and (_first_permission(view), view.class_permission_name) in pairs
        ),
        *to_all,
    ]


@cache
def _first_permission(view: BaseView) -> str:
    """The permission for the default page of the view."""
    return f"can_{getattr(getattr(view, view.default_view), '_permission_name', 'list')}"
