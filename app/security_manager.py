"""FAB's security manager without its pages: login, roles and permissions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask, g, has_request_context, redirect, request, session, url_for
from flask_appbuilder import IndexView, expose
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import assoc_user_role
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import appbuilder, db
from app.lib.clock import now
from app.panel.access import EVERYTHING, ROLES
from app.panel.forms.reauthentication import PASSWORD, PasswordRequired, ask_password
from app.panel.layout.navigation import MenuEntry
from app.panel.login_session import KEY, own_session, remember_touch
from app.panel.page import Page
from app.panel.registry import home_url
from app.panel.section import Section
from app.services.account.login import LoginRefused
from app.services.account.session import SessionRole, find_session, find_session_briefly, touch
from app.services.role.upgrade import begin_editions, prune_roles
from models.member import Member
from models.role import RoleEdition
from views.account.duty import refuse_until_done
from views.account.login import Login
from views.account.tabs import prove_password

Pair = tuple[str, str]
_NEWS = "Notifications.news"
# The cached permissions of each role, with the edition in which they were read.
_RIGHTS: dict[int, tuple[int | None, frozenset[Pair]]] = {}


def init_accounts(app: Flask) -> None:
    """Install the hooks; call it after the hook that binds the session and before the views."""
    app.before_request(refuse_until_done)
    app.before_request(check_password)
    app.register_error_handler(PasswordRequired, lambda _error: ask_password())


def check_password() -> Any:
    """Check the password that a POST request may contain; ask for it again when it is wrong."""
    if request.method != "POST" or not current_user.is_authenticated or PASSWORD not in request.form:
        return None
    try:
        prove_password(current_user, request.form[PASSWORD])
    except LoginRefused as error:
        return ask_password(DomainError(error.message, field=PASSWORD, **error.params))
    own_session().confirmed_at = now()
    db.session.commit()
    return None


class Home(IndexView):
    """GET / redirects to the first entry of the member's menu."""

    @expose("/")
    def index(self) -> Response:
        if not current_user.is_authenticated:
            return redirect(url_for("Login.login"))
        return redirect(home_url())


class AccountManager(SecurityManager):
    """Permissions come from the declared roles and are read once per request."""

    user_model = Member
    authdbview = Login

    def load_user(self, pk: str) -> Member | None:
        """The member of a valid session; loaded with roles and table settings in one statement."""
        key = session.get(KEY)
        is_news = request.endpoint == _NEWS
        find = find_session_briefly if is_news else find_session
        found = find(key) if isinstance(key, str) else None
        if found is None or str(found.session.member_id) != str(pk):
            # The statement has set an organisation in the transaction, which an anonymous request must not have.
            db.session.rollback()
            return None
        g.user_session, g.current_roles, g.chosen_tables = found
        # A page that asks for news by itself does not prolong the session of a member who is away.
        remember_touch(changed=not is_news and touch(found.session))
        return found.session.member

    def register_views(self) -> None:
        """Register only the login page: FAB's pages for users, roles and passwords ignore tenants (F-14, T19)."""
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)

    def has_access(self, permission_name: str, view_name: str) -> bool:
        if not has_request_context():
            return False
        pairs = g.get("permission_pairs")
        return (permission_name, view_name) in (self.current_pairs() if pairs is None else pairs)

    def current_pairs(self) -> frozenset[Pair]:
        """All permissions of the logged-in member, computed once per request."""
        if "permission_pairs" not in g:
            if not current_user.is_authenticated or not current_user.is_active:
                return frozenset()
            each = [self._rights_of(role) for role in self.current_roles()]
            g.permission_pairs = each[0] if len(each) == 1 else frozenset().union(*each)
        pairs: frozenset[Pair] = g.permission_pairs
        return pairs

    def current_roles(self) -> Sequence[SessionRole]:
        """The roles of the logged-in member, read once per request."""
        if "current_roles" not in g:
            role, edition = self.role_model, RoleEdition
            statement = (
                select(role.id, role.name, edition.token)
                .join(assoc_user_role, assoc_user_role.c.role_id == role.id)
                .outerjoin(edition, edition.role_id == role.id)
                .where(assoc_user_role.c.user_id == current_user.id)
            )
            g.current_roles = [SessionRole(*row) for row in db.session.execute(statement)]
        found: Sequence[SessionRole] = g.current_roles
        return found

    def _rights_of(self, role: SessionRole) -> frozenset[Pair]:
        """The permissions of *role*, cached per edition."""
        cached = _RIGHTS.get(role.id)
        if cached is None or cached[0] != role.edition or role.edition is None:
            cached = _RIGHTS[role.id] = (role.edition, frozenset(self._pairs_of([role.id])))
        return cached[1]

    def _pairs_of(self, role_ids: list[int]) -> set[Pair]:
        pair, permission, view = self.permissionview_model, self.permission_model, self.viewmenu_model
        statement = (
            select(permission.name, view.name)
            .select_from(pair)
            .join(permission, pair.permission_id == permission.id)
            .join(view, pair.view_menu_id == view.id)
            .join(pair.role)
            .where(self.role_model.id.in_(role_ids))
            .distinct()
        )
        return {(name, of) for name, of in db.session.execute(statement)}


def declared_roles() -> dict[str, set[Pair]]:
    """Each role with the (permission, view) pairs that sections and pages declare for it."""
    roles: dict[str, set[Pair]] = {name: set() for name in ROLES}
    views: list[type[MenuEntry]] = [*Section.registry, *Page.registry]
    for view in views:
        for role, grant in view.roles.items():
            roles.setdefault(role, set()).update((name, view.__name__) for name in grant.permissions)
        roles[EVERYTHING].update((name, view.__name__) for name in view.all_permissions())
    return roles


def sync_roles() -> None:
    """Make the roles in the database equal to the declared ones; safe to repeat."""
    sm, declared = appbuilder.sm, declared_roles()
    sm.add_role(sm.auth_role_public)
    roles = {name: sm.find_role(name) or sm.add_role(name) for name in declared}
    # FAB commits each new pair, so create all pairs before changing a role; most pairs are in several roles.
    pairs = {right: _ensure_pair(right) for right in sorted(set[Pair]().union(*declared.values()))}
    for name, wanted in declared.items():
        roles[name].permissions = [pairs[right] for right in sorted(wanted)]
    db.session.flush()
    prune_roles(declared["Manager"])
    begin_editions()
    db.session.commit()


class PermissionNotStored(RuntimeError):
    """FAB failed to store a permission, which it only logs."""


def _ensure_pair(right: Pair) -> Any:
    permission, view = right
    pair = appbuilder.sm.add_permission_view_menu(permission, view)
    if pair is None:
        raise PermissionNotStored(f"{permission} on {view}")
    return pair
