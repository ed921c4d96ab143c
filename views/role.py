"""Roles: what each may do, section by section, and the extra ones that an organisation makes for itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import Select, select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms.validators import Length

from app.errors import DomainError
from app.extensions import appbuilder, db
from app.panel.access import ROLES, Access
from app.panel.acting import role_label
from app.panel.action import Done
from app.panel.answers import finished, refused
from app.panel.confirm import confirm_first
from app.panel.fields import SwitchField, TextField
from app.panel.forms import Filled, PanelForm
from app.panel.guard import needs, row_key
from app.panel.menu import MenuEntry, MenuGroup
from app.panel.page import Page
from app.panel.section import Section
from app.services.role import Pair, change_role, delete_role, make_role, pairs_of
from models.role import ExtraRole
from models.scope import acting_of

# In the order of the columns; what a section offers besides stands in its own words.
_COMMON = {
    "can_list": _l("See the list"),
    "can_show": _l("See a row"),
    "can_add": _l("Add"),
    "can_edit": _l("Edit"),
    "can_delete": _l("Delete"),
}
_SPECIAL = {
    "can_record": _l("Register a result"),
    "can_cancel": _l("Take back"),
    "can_trail": _l("Events of a row"),
    "can_set_password": _l("Set a password"),
}


class RoleForm(PanelForm):
    title = TextField(
        _l("Title"),
        [Filled(_l("Please fill in this field.")), Length(2, 40, _l("Between 2 and 40 letters."))],
    )
    own_rows = SwitchField(
        _l("Own rows only"),
        description=_l("Like a consultant: only the follow-ups, orders and customers of his own."),
    )


@dataclass(frozen=True)
class Right:
    """One box of the matrix."""

    value: str
    label: str
    is_ticked: bool
    is_held: bool


@dataclass(frozen=True)
class Line:
    """One section of the matrix: the common rights in their columns (None where it has none), then its own."""

    title: str
    common: Sequence[Right | None]
    special: Sequence[Right]


class Roles(Page):
    """GET of /roles/ and /roles/show/<name>, GET and POST of /add and /edit/<pk>, POST of /delete/<pk>."""

    slug = "roles"
    title = _l("Roles")
    group, icon, order = MenuGroup.MANAGEMENT, "shield-lock", 230
    roles = {"Manager": Access.READ | Access.ADD | Access.EDIT | Access.DELETE}

    @expose("/")
    @needs("list")
    def index(self) -> str:
        extra = db.session.scalars(_in_hand().order_by(ExtraRole.title)).all()
        declared = [(name, role_label(name)) for name in ROLES]
        may_make = acting_of(db.session()).organization_id is not None
        return self.render_template(
            "role/list.html",
            declared=declared,
            extra=extra,
            own=current_user.organization_id is not None,
            may_make=may_make,
            page=self,
        )

    @expose("/show/<name>")
    @needs("show")
    def show(self, name: str) -> str:
        extra = None if name in ROLES else self._found(name)
        ticked = pairs_of(extra.role if extra else appbuilder.sm.find_role(name))
        return self.render_template(
            "role/show.html",
            title=extra.title if extra else role_label(name),
            extra=extra,
            lines=_lines(ticked, ticked),
            common=_COMMON,
            page=self,
        )

    @expose("/add", methods=["GET", "POST"])
    @needs("add")
    def add(self) -> Any:
        return self._form(None, _("New role"))

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @needs("edit")
    def edit(self, pk: str) -> Any:
        extra = self._found(pk)
        return self._form(extra, extra.title)

    @expose("/delete/<pk>", methods=["POST"])
    @needs("delete")
    def delete(self, pk: str) -> Response:
        extra = self._found(pk)
        confirm_first()
        try:
            delete_role(extra)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            return refused(str(error), self.base_url)
        return finished(Done(_("The role is deleted.")), self.base_url)

    def _found(self, pk: str) -> ExtraRole:
        extra: ExtraRole | None = db.session.scalars(
            _in_hand().where(ExtraRole.id == row_key(pk))
        ).one_or_none()
        return extra or abort(404)

    def _form(self, extra: ExtraRole | None, title: str) -> Any:
        confirm_first()
        form, held = RoleForm(obj=extra), held_pairs()
        ticked = pairs_of(extra.role) if extra else set()
        if request.method == "POST":
            ticked = _posted(request.form)
            if form.validate() and self._saved(extra, form, ticked, held):
                return redirect(self.base_url)
        html = self.render_template(
            "role/form.html",
            form=form,
            title=title,
            extra=extra,
            lines=_lines(ticked, held),
            common=_COMMON,
            page=self,
        )
        return (html, 422) if request.method == "POST" else html

    def _saved(self, extra: ExtraRole | None, form: RoleForm, pairs: set[Pair], held: set[Pair]) -> bool:
        try:
            if extra is None:
                make_role(form.title.data, pairs, own_rows=form.own_rows.data, held=held)
            else:
                change_role(extra, form.title.data, pairs, own_rows=form.own_rows.data, held=held)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
            return False
        return True


def _in_hand() -> Select[tuple[ExtraRole]]:
    """The extra roles of the organisation that who is asking may touch: his own; all of them for the platform's admin."""
    statement = select(ExtraRole)
    if current_user.organization_id is None:
        return statement
    return statement.where(ExtraRole.created_by_id == current_user.id)


def held_pairs() -> set[Pair]:
    """What who is asking may hand on: of the sections of an organisation, what he holds himself."""
    sm = appbuilder.sm
    return {
        (name, view.__name__)
        for view in _views()
        for name in view.all_permissions()
        if sm.has_access(name, view.__name__)
    }


def _views() -> list[type[MenuEntry]]:
    """The sections that a manager has anything to do with, in the order of the menu."""
    views: list[type[MenuEntry]] = [*Section.registry, *Page.registry]
    return sorted((view for view in views if "Manager" in view.roles), key=lambda view: view.order)


def _posted(form: MultiDict[str, str]) -> set[Pair]:
    parts = (value.partition(" ") for value in form.getlist("right"))
    return {(permission, view) for view, _space, permission in parts}


def _lines(ticked: set[Pair], held: set[Pair]) -> list[Line]:
    return [_line(view, ticked, held) for view in _views()]


def _line(view: type[MenuEntry], ticked: set[Pair], held: set[Pair]) -> Line:
    def right(name: str, label: Any) -> Right:
        pair = (name, view.__name__)
        return Right(f"{view.__name__} {name}", str(label), pair in ticked, pair in held)

    names = view.all_permissions()
    actions: dict[str, Any] = getattr(view, "declared_labels", dict)()
    own = sorted(names - _COMMON.keys())
    return Line(
        str(view.title),
        [right(name, label) if name in names else None for name, label in _COMMON.items()],
        [right(name, actions.get(name) or _SPECIAL.get(name, name)) for name in own],
    )
