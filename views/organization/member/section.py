"""Members of the organisation: their data, roles and presence."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import ColumnElement, Select

from app.extensions import appbuilder, db
from app.panel.access import Access, permitted, requires, row_key, wants_fragment
from app.panel.action import counted
from app.panel.actor import member_id
from app.panel.displays import Chip, Computed
from app.panel.forms.builder import PanelForm
from app.panel.forms.reauthentication import require_recent_password
from app.panel.layout.first_day import FirstStep
from app.panel.view_models import ROW_KEY, MenuItem
from app.panel.words import Tab
from app.services.member import change_member, give_one_time_password, invite_member, members_here
from app.services.member_rank import may_manage, rank_of, roles_of
from models.member import Member
from views import groups
from views.organization.member.activity import MemberActivity
from views.organization.member.form import EditForm, MemberForm
from views.organization.member.rows import (
    is_covered,
    presence_words,
    remember_powers,
    role_words,
    state_colour,
    state_words,
)


def _active() -> ColumnElement[bool]:
    return Member.active.is_(True)


def _inactive() -> ColumnElement[bool]:
    return Member.active.is_(False)


def _invited() -> ColumnElement[bool]:
    return Member.active.is_(True) & ~Member.has_logged_in()


class Members(MemberActivity):
    model = Member
    slug = "members"
    title, title_one = _l("Members"), _l("member")
    group, icon, menu_order = groups.ORGANIZATION, "users", 530
    right_labels = {"set_password": _l("Set a password")}

    columns = (
        "full_name",
        "username",
        Computed("role_words", role_words),
        "mobile",
        Computed("accepts_orders", presence_words),
        "daily_capacity",
        Chip("active", state_colour, text=state_words),
    )
    preload = ("active", "last_login")
    details = (*columns, "email", "extension", "last_login")
    labels = {
        "full_name": _l("Name"),
        "username": _l("User name"),
        "role_words": _l("Role"),
        "active": _l("State"),
        "email": _l("E-mail"),
        "last_login": _l("Last login"),
    }
    tabs = (
        Tab("active", _l("Active"), _active),
        Tab(
            "invited",
            _l("Invited"),
            _invited,
            empty=_l("All members have logged in."),
            empty_hint=_l("A member is invited until their first login."),
            hides=("active",),
        ),
        Tab(
            "inactive",
            _l("Switched off"),
            _inactive,
            empty=_l("No member is switched off."),
            empty_hint=_l("A member who is switched off can't log in; their rows stay."),
            hides=("active",),
        ),
    )
    search = ("self",)
    filters = ("accepts_orders",)
    sortable = ("username",)
    read_only = ("username",)
    empty = _l("No active member yet")
    empty_hint = _l("Each person who works here logs in as a member of their own.")

    first_step = FirstStep(
        3,
        _l("Members"),
        todo=_l(
            "Invite the consultants, among whom orders are shared. Each is present from their first login."
        ),
        done=counted("%(num)s colleague is a member.", "%(num)s colleagues are members."),
        rows=lambda: members_here().with_only_columns(Member.id).where(Member.id != member_id()),
        label=_l("Invite a member"),
        icon="user-plus",
    )

    roles = {
        "Manager": Access.WRITE | Access.TRAIL | Access.DELETE | Access.actions("set_password", "activate")
    }

    def statement(self) -> Select[Any]:
        return members_here()

    def complete(self, rows: Sequence[Any]) -> None:
        roles = roles_of([row.id for row in rows])
        for row in rows:
            row.roles = roles[row.id]
        remember_powers(rows)

    def add_form_class(self) -> type[PanelForm]:
        return MemberForm

    def edit_form_class(self) -> type[PanelForm]:
        return EditForm

    def store(self, item: Member, form: Any, *, existing: bool) -> Member:
        role = form.role.chosen()
        # Ask for the password before a change of role, or before a new member with a managing role.
        if role not in item.roles and (existing or rank_of([role]) > 1):
            require_recent_password()
        if existing:
            change_member(item, form.details(item.username), current_user)
            return item
        return invite_member(form.details(), current_user)

    def saved_words(self, item: Any, *, existing: bool) -> str:
        if existing:
            return super().saved_words(item, existing=existing)
        words: str = _(
            "%(who)s is added; the invitation goes to %(address)s by mail.", who=item, address=item.email
        )
        return words

    def row_colour(self, row: Any) -> str | None:
        return None if row.active else "gray"

    def menu_kind(self, row: Any) -> Hashable:
        return self._is_under(row), row.active, is_covered(row)

    def _is_under(self, row: Any) -> bool:
        """Whether the current member may change *row*: not themselves, nor a member of equal or higher rank."""
        return row.id != current_user.id and may_manage(rank_of(appbuilder.sm.current_roles()), row.roles)

    def row_menu(self, row: Any) -> Sequence[MenuItem]:
        """The menu; only «view» for members that the current one may not change."""
        items = super().row_menu(row)
        if not self._is_under(row):
            return [item for item in items if item.icon == "eye"]
        hidden = set() if is_covered(row) else {"user-check", "user-off"}
        wanted = [item for item in items if item.icon not in hidden]
        if permitted(self, "can_set_password") and is_covered(row, opens_account=True):
            url = f"{self.base_url}password/{ROW_KEY}"
            wanted.append(MenuItem(_("One-time password"), "key", url, opens="dialog"))
        return wanted

    def may_edit(self, row: Any) -> bool:
        return super().may_edit(row) and row.id != current_user.id

    @expose("/password/<pk>", methods=["GET", "POST"])
    @requires("set_password")
    def password(self, pk: str) -> Any:
        """Ask for confirmation, then show the new password once."""
        member = self.get_row(row_key(pk))
        if not self._is_under(member) or not is_covered(member, opens_account=True):
            abort(403)
        password = ""
        if request.method == "POST":
            require_recent_password()
            password = give_one_time_password(member, current_user)
            db.session.commit()
        layout = "panel/layout/dialog.html" if wants_fragment() else "panel/layout/dialog_page.html"
        html = self.render_template(
            "organization/member/password.html",
            person=member,
            password=password,
            layout=layout,
            base_url=self.base_url,
        )
        return html, 200, {"Cache-Control": "no-store"}
