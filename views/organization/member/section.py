"""Members of the organisation: their data, roles and presence."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from flask import abort, g, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import ColumnElement, Select
from werkzeug.wrappers import Response

from app.extensions import appbuilder, db
from app.panel.access import Access, permitted, requires, row_key, wants_fragment
from app.panel.action import Done, action, counted
from app.panel.actor import role_label, sees_own_rows_only
from app.panel.displays import Chip, Computed
from app.panel.formatting import NOTHING
from app.panel.forms.builder import MayBeEmpty, PanelForm
from app.panel.forms.fields import RelationField
from app.panel.forms.reauthentication import require_recent_password
from app.panel.section import Section
from app.panel.view_models import ROW_KEY, Button, MenuItem
from app.panel.words import Tab
from app.services.member import (
    activate_member,
    change_member,
    deactivate_member,
    give_one_time_password,
    invite_member,
    may_manage,
    members_here,
    rank_of,
    roles_of,
)
from app.services.role.edit import extra_titles
from app.services.role.grant import Powers, joined, powers_by_role
from models.member import Member
from views import groups
from views.organization.member.form import EditForm, MemberForm


def _active() -> ColumnElement[bool]:
    return Member.active.is_(True)


def _inactive() -> ColumnElement[bool]:
    return Member.active.is_(False)


def _invited() -> ColumnElement[bool]:
    return Member.active.is_(True) & ~Member.has_logged_in()


def _find_heir(pk: int) -> Member | None:
    return db.session.scalar(members_here().where(Member.id == pk, _active()))


def _remember_powers(rows: Sequence[Member]) -> None:
    """Load the permissions of the roles of all *rows* in one statement."""
    known: dict[int, Powers] = g.setdefault("powers_by_role", {})
    missing = {role.id for row in rows for role in row.roles} - known.keys()
    if missing:
        known.update(powers_by_role(missing))


def _is_covered(row: Member, *, opens_account: bool = False) -> bool:
    """Whether the current member has all permissions of *row*, and so may change that account."""
    _remember_powers([row])
    own = Powers(appbuilder.sm.current_pairs(), all_rows=not sees_own_rows_only())
    theirs = joined(g.powers_by_role[role.id] for role in row.roles)
    return own.open_account(theirs) if opens_account else own.cover(theirs)


def _state_words(row: Any) -> str:
    if not row.active:
        return _("Switched off")
    return _("Invited") if row.is_invited else _("Active")


def _state_colour(row: Any) -> str:
    if not row.active:
        return "gray"
    return "amber" if row.is_invited else "green"


def _presence_words(row: Any) -> str | None:
    """None, the column's own words, unless the member is invited and has no presence yet."""
    return NOTHING if row.is_invited else None


def _role_words(row: Any) -> str:
    if "extra_titles" not in g:
        g.extra_titles = extra_titles()
    titles = g.extra_titles
    return "، ".join(titles.get(role.id) or str(role_label(role.name)) for role in row.roles)


class HandOverForm(PanelForm):
    heir = RelationField(
        _l("Open follow-ups go to"),
        [MayBeEmpty()],
        find=_find_heir,
        lookup_url="/follow-ups/lookup/consultant",
        description=_l("Empty: they stay where they are."),
    )


class Members(Section):
    model = Member
    slug = "members"
    title, title_one = _l("Members"), _l("member")
    group, icon, menu_order = groups.ORGANIZATION, "users", 530

    columns = (
        "full_name",
        "username",
        Computed("role_words", _role_words),
        "mobile",
        Computed("accepts_orders", _presence_words),
        "daily_capacity",
        Chip("active", _state_colour, text=_state_words),
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
        Tab("invited", _l("Invited"), _invited, empty=_l("All members have logged in.")),
        Tab("inactive", _l("Switched off"), _inactive, empty=_l("Nobody is switched off.")),
    )
    search = ("self",)
    filters = ("accepts_orders",)
    sortable = ("username",)
    read_only = ("username",)
    empty_hint = _l("Invite the people who work with you.")

    roles = {
        "Manager": Access.WRITE | Access.TRAIL | Access.DELETE | Access.actions("set_password", "activate")
    }

    def statement(self) -> Select[Any]:
        return members_here()

    def complete(self, rows: Sequence[Any]) -> None:
        roles = roles_of([row.id for row in rows])
        for row in rows:
            row.roles = roles[row.id]
        _remember_powers(rows)

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

    def row_colour(self, row: Any) -> str | None:
        return None if row.active else "gray"

    def menu_kind(self, row: Any) -> Hashable:
        return self._is_under(row), row.active, _is_covered(row)

    def _is_under(self, row: Any) -> bool:
        """Whether the current member may change *row*: not themselves, nor a member of equal or higher rank."""
        return row.id != current_user.id and may_manage(rank_of(appbuilder.sm.current_roles()), row.roles)

    def row_menu(self, row: Any) -> Sequence[MenuItem]:
        """The menu; only «view» for members that the current one may not change."""
        items = super().row_menu(row)
        if not self._is_under(row):
            return [item for item in items if item.icon == "eye"]
        hidden = {"user-check" if row.active else "user-off"}
        if not _is_covered(row):
            hidden = {"user-check", "user-off"}
        wanted = [item for item in items if item.icon not in hidden]
        if permitted(self, "can_set_password") and _is_covered(row, opens_account=True):
            url = f"{self.base_url}password/{ROW_KEY}"
            wanted.append(MenuItem(_("One-time password"), "key", url, opens="dialog"))
        return wanted

    def show_buttons(self, row: Any) -> Sequence[Button]:
        return super().show_buttons(row) if row.id != current_user.id else []

    @expose("/password/<pk>", methods=["GET", "POST"])
    @requires("set_password")
    def password(self, pk: str) -> Any:
        """Ask for confirmation, then show the new password once."""
        member = self.get_row(row_key(pk))
        if not self._is_under(member) or not _is_covered(member, opens_account=True):
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

    @action(
        _l("Deactivate"),
        icon="user-off",
        confirm=counted(
            "%(num)s member can no longer log in; the rows stay.",
            "%(num)s members can no longer log in; the rows stay.",
        ),
        submit=counted("Switch off %(num)s member", "Switch off %(num)s members"),
        form=HandOverForm,
        danger=True,
        name="remove",
    )
    def delete_rows(self, rows: Sequence[Member], form: HandOverForm | None) -> Done:
        heir = form.heir.data if form else None
        moved = sum(deactivate_member(row, current_user, hand_over_to=heir) for row in rows)
        db.session.commit()
        words = ngettext("%(num)s member is switched off.", "%(num)s members are switched off.", len(rows))
        if moved:
            words += " " + ngettext("%(num)s follow-up went over.", "%(num)s follow-ups went over.", moved)
        return Done(words)

    @action(
        _l("Activate"),
        icon="user-check",
        confirm=counted("%(num)s member can log in again.", "%(num)s members can log in again."),
        submit=counted("Switch on %(num)s member", "Switch on %(num)s members"),
    )
    def activate(self, rows: Sequence[Member], form: Any) -> Done:
        for row in rows:
            activate_member(row, current_user)
        db.session.commit()
        return Done(ngettext("%(num)s member is active.", "%(num)s members are active.", len(rows)))

    @expose("/undo/<batch>", methods=["POST"])
    @requires("delete")
    def undo(self, batch: str) -> Response:
        """Members are activated again, not restored."""
        abort(404)
