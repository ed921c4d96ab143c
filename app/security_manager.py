"""Who logs in and what his roles allow: FAB's security manager, less its own pages."""

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
from app.services.account.session import HeldRole, find_session, touch
from app.services.role.edit import begin_editions, prune_roles
from models.member import Member
from models.role import RoleEdition
from views.account.duty import refuse_until_done
from views.account.login import Login
from views.account.tabs import prove_password

Pair = tuple[str, str]
# The rights of each role, under the edition that they were read in.
_RIGHTS: dict[int, tuple[int | None, frozenset[Pair]]] = {}


def init_accounts(app: Flask) -> None:
    """Must come after the engine has bound the session, and before everything that does what was asked."""
    app.before_request(refuse_until_done)
    app.before_request(take_password)
    app.register_error_handler(PasswordRequired, lambda _error: ask_password())


def take_password() -> Any:
    """A post may bring the password that its act asks for: the question comes back when it is wrong."""
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
    """The address alone leads to the first entry of the member's own menu."""

    @expose("/")
    def index(self) -> Response:
        if not current_user.is_authenticated:
            return redirect(url_for("Login.login"))
        return redirect(home_url())


class AccountManager(SecurityManager):
    """Roles come from the declarations; permissions are read once a request."""

    user_model = Member
    authdbview = Login

    def load_user(self, pk: str) -> Member | None:
        """Who the browser's session belongs to, while it counts: one statement, before anything else runs."""
        key = session.get(KEY)
        found = find_session(key) if isinstance(key, str) else None
        if found is None or str(found.session.member_id) != str(pk):
            # Nobody is logged in, so the transaction must not stay told for whom it runs.
            db.session.rollback()
            return None
        g.user_session, g.held_roles, g.chosen_tables = found
        remember_touch(changed=touch(found.session))
        return found.session.member

    def register_views(self) -> None:
        """Only the login page: FAB's pages for users, roles and passwords know no tenants (F-14, T19)."""
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)

    def has_access(self, permission_name: str, view_name: str) -> bool:
        if not has_request_context():
            return False
        pairs = g.get("permission_pairs")
        return (permission_name, view_name) in (self.held_pairs() if pairs is None else pairs)

    def held_pairs(self) -> frozenset[Pair]:
        """All rights of who is logged in, worked out once a request; of one role the same set each time."""
        if "permission_pairs" not in g:
            if not current_user.is_authenticated or not current_user.is_active:
                return frozenset()
            each = [self._rights_of(role) for role in self.held_roles()]
            g.permission_pairs = each[0] if len(each) == 1 else frozenset().union(*each)
        pairs: frozenset[Pair] = g.permission_pairs
        return pairs

    def held_roles(self) -> Sequence[HeldRole]:
        """The roles of who is logged in, asked for once a request."""
        if "held_roles" not in g:
            role, edition = self.role_model, RoleEdition
            statement = (
                select(role.id, role.name, edition.token)
                .join(assoc_user_role, assoc_user_role.c.role_id == role.id)
                .outerjoin(edition, edition.role_id == role.id)
                .where(assoc_user_role.c.user_id == current_user.id)
            )
            g.held_roles = [HeldRole(*row) for row in db.session.execute(statement)]
        found: Sequence[HeldRole] = g.held_roles
        return found

    def _rights_of(self, role: HeldRole) -> frozenset[Pair]:
        """What a role allows; read once for each edition of it."""
        kept = _RIGHTS.get(role.id)
        if kept is None or kept[0] != role.edition or role.edition is None:
            kept = _RIGHTS[role.id] = (role.edition, frozenset(self._pairs_of([role.id])))
        return kept[1]

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
    """Every role with the exact (permission, view) pairs that the sections and pages give it."""
    roles: dict[str, set[Pair]] = {name: set() for name in ROLES}
    views: list[type[MenuEntry]] = [*Section.registry, *Page.registry]
    for view in views:
        for role, grant in view.roles.items():
            roles.setdefault(role, set()).update((name, view.__name__) for name in grant.permissions)
        roles[EVERYTHING].update((name, view.__name__) for name in view.all_permissions())
    return roles


def sync_roles() -> None:
    """Write the declared roles to the database: nothing missing, nothing left over; safe to repeat."""
    sm = appbuilder.sm
    sm.add_role(sm.auth_role_public)
    for name, wanted in declared_roles().items():
        role = sm.find_role(name) or sm.add_role(name)
        # FAB commits each new pair, so all of them come before the role is touched.
        role.permissions = [_written(pair) for pair in sorted(wanted)]
    db.session.flush()
    prune_roles(declared_roles()["Manager"])
    begin_editions()
    db.session.commit()


class RightNotWritten(RuntimeError):
    """FAB only logs what its database refused, and would leave a role without the right."""


def _written(right: Pair) -> Any:
    permission, view = right
    pair = appbuilder.sm.add_permission_view_menu(permission, view)
    if pair is None:
        raise RightNotWritten(f"{permission} on {view}")
    return pair
