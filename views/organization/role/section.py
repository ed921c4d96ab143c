"""Roles: their permissions by section, and the extra roles of an organisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import Select, inspect, select
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import appbuilder, db
from app.panel.access import ROLES, Access, requires, row_key
from app.panel.action import Done
from app.panel.actor import role_label
from app.panel.forms.idempotency import DuplicateSubmission, claim, fresh_nonce, nonce_again, note_row
from app.panel.forms.locking import StaleForm, refuse_stale, version_fields, version_fields_again
from app.panel.forms.reauthentication import require_recent_password
from app.panel.page import Page
from app.panel.responses import failure, success, success_at
from app.services.role.edit import change_role, delete_role, make_role, pairs_of
from app.services.role.grant import Pair
from models.role import ExtraRole
from models.tenancy.scope import actor_of
from views import groups
from views.organization.role.form import FIELDS, RoleConflict, RoleForm, merge_conflict
from views.organization.role.matrix import (
    COMMON,
    MatrixRow,
    grantable_pairs,
    lines,
    posted,
    stamp_rights,
    submitted_rights,
)


class Roles(Page):
    """GET of /roles/ and /roles/show/<name>, GET and POST of /add and /edit/<pk>, POST of /delete/<pk>."""

    slug = "roles"
    title = _l("Roles")
    group, icon, menu_order = groups.ORGANIZATION, "shield-lock", 540
    roles = {"Manager": Access.READ | Access.ADD | Access.EDIT | Access.DELETE}

    @expose("/")
    @requires("list")
    def index(self) -> str:
        extra = db.session.scalars(_editable().order_by(ExtraRole.title)).all()
        declared = [(name, role_label(name)) for name in ROLES]
        may_make = actor_of(db.session()).organization_id is not None
        return self.render_template(
            "organization/role/list.html",
            declared=declared,
            extra=extra,
            own=current_user.organization_id is not None,
            may_make=may_make,
            page=self,
        )

    @expose("/show/<name>")
    @requires("show")
    def show(self, name: str) -> str:
        extra = None if name in ROLES else self._found(name)
        ticked = pairs_of(extra.role if extra else appbuilder.sm.find_role(name))
        return self.render_template(
            "organization/role/show.html",
            title=extra.title if extra else role_label(name),
            extra=extra,
            lines=lines(ticked, ticked),
            common=COMMON,
            page=self,
        )

    @expose("/add", methods=["GET", "POST"])
    @requires("add", in_organization=True)
    def add(self) -> Any:
        return self._form(None, _("New role"))

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @requires("edit", in_organization=True)
    def edit(self, pk: str) -> Any:
        extra = self._found(pk)
        return self._form(extra, extra.title)

    @expose("/delete/<pk>", methods=["POST"])
    @requires("delete", in_organization=True)
    def delete(self, pk: str) -> Response:
        extra = self._found(pk)
        require_recent_password()
        try:
            delete_role(extra)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self.base_url)
        return success_at(Done(_("The role is deleted.")), self.base_url)

    def _found(self, pk: str) -> ExtraRole:
        extra: ExtraRole | None = db.session.scalars(
            _editable().where(ExtraRole.id == row_key(pk))
        ).one_or_none()
        return extra or abort(404)

    def _form(self, extra: ExtraRole | None, title: str) -> Any:
        require_recent_password()
        form, grantable = RoleForm(obj=extra), grantable_pairs()
        ticked = pairs_of(extra.role) if extra else set()
        if request.method == "GET":
            hidden = [*version_fields(form, FIELDS, extra), stamp_rights(ticked)] if extra else fresh_nonce()
            return self._page(form, title, lines(ticked, grantable), hidden)
        ticked = posted(request.form)
        hidden = (
            [*version_fields_again(request.form), *submitted_rights(request.form)]
            if extra
            else nonce_again(request.form)
        )
        try:
            if form.validate() and self._saved(extra, form, ticked, grantable):
                return success(Done(_("The role %(name)s is saved.", name=form.title.data)), self.base_url)
        except (StaleForm, StaleDataError):
            return self._conflict(extra, form, title)
        except DuplicateSubmission as before:
            db.session.rollback()
            if before.is_same:
                return success(Done(_("This role was made already.")), f"{self.base_url}edit/{before.row_id}")
            form.refuse(
                DomainError(
                    _l("This form has made a role already. To make this one as well, save once more.")
                )
            )
            hidden = fresh_nonce()
        return self._page(form, title, lines(ticked, grantable), hidden), 422

    def _conflict(self, extra: Any, form: RoleForm, title: str) -> tuple[str, int]:
        """Show the form with both changes after somebody else has saved the role."""
        key = inspect(extra).identity[0]
        db.session.rollback()
        fresh = _editable().where(ExtraRole.id == key).execution_options(populate_existing=True)
        row = db.session.scalar(fresh) or abort(404)
        conflict = merge_conflict(row, form, posted(request.form), request.form)
        now_there = RoleForm(formdata=None, obj=row)
        hidden = [*version_fields(now_there, FIELDS, row), stamp_rights(pairs_of(row.role))]
        return self._page(form, title, lines(conflict.ticked, grantable_pairs()), hidden, conflict), 409

    def _page(
        self,
        form: RoleForm,
        title: str,
        rows: Sequence[MatrixRow],
        hidden: Sequence[tuple[str, str]],
        conflict: RoleConflict | None = None,
    ) -> str:
        return self.render_template(
            "organization/role/form.html",
            form=form,
            title=title,
            lines=rows,
            hidden=hidden,
            conflict=conflict,
            common=COMMON,
            page=self,
        )

    def _saved(self, extra: ExtraRole | None, form: RoleForm, pairs: set[Pair], grantable: set[Pair]) -> bool:
        try:
            if extra is None:
                claimed = claim("Roles", request.form)
                made = make_role(form.title.data, pairs, own_rows=form.own_rows.data, own_pairs=grantable)
                note_row(claimed, made.id)
            else:
                refuse_stale(extra, request.form)
                change_role(extra, form.title.data, pairs, own_rows=form.own_rows.data, own_pairs=grantable)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
            return False
        return True


def _editable() -> Select[tuple[ExtraRole]]:
    """The extra roles that the current member may change: their own; all of them for platform admins."""
    statement = select(ExtraRole)
    if current_user.organization_id is None:
        return statement
    return statement.where(ExtraRole.created_by_id == current_user.id)
