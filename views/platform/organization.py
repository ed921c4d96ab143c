"""Organisations, for platform admins: creation, suspension, and the choice of one to act in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import Access, requires, row_key
from app.panel.action import Done, action, counted
from app.panel.displays import Chip
from app.panel.login_session import own_session
from app.panel.section import Section
from app.panel.view_models import ROW_KEY, MenuItem
from app.panel.words import Tab
from app.services.organization import (
    change_status,
    create_organization,
    enter_organization,
    leave_organization,
)
from models.organization import Organization, OrganizationStatus
from views import groups

_COLOURS = {
    OrganizationStatus.ACTIVE: "green",
    OrganizationStatus.SUSPENDED: "amber",
    OrganizationStatus.DELETED: "gray",
}


def _there() -> ColumnElement[bool]:
    return Organization.status != OrganizationStatus.DELETED


def _deleted() -> ColumnElement[bool]:
    return Organization.status == OrganizationStatus.DELETED


class Organizations(Section):
    model = Organization
    slug = "organizations"
    title, title_one = _l("Organisations"), _l("organisation")
    group, icon, menu_order = groups.PLATFORM, "building", 710

    columns = ("name", "slug", Chip("status", _COLOURS), "currency", "created_at")
    labels = {"created_at": _l("Registered on")}
    details = (*columns, "repeat_policy", "repeat_window_days", "managers_need_totp", "mask_mobiles")
    tabs = (
        Tab("there", _l("All"), _there),
        Tab("deleted", _l("Deleted"), _deleted, empty=_l("No organisation is deleted.")),
    )
    filters = ("status", "currency")
    sortable = ("name", "slug", "created_at")
    sort = "name"
    form = (
        "name",
        "slug",
        "currency",
        "repeat_policy",
        "repeat_window_days",
        "managers_need_totp",
        "mask_mobiles",
    )
    edit_fields = (
        "name",
        "currency",
        "repeat_policy",
        "repeat_window_days",
        "managers_need_totp",
        "mask_mobiles",
    )
    read_only = ("slug",)

    roles = {"Admin": Access.FULL | Access.TRAIL | Access.actions("suspend", "activate", "enter")}

    def store(self, item: Organization, form: Any, *, existing: bool) -> Organization:
        if existing:
            form.populate_obj(item)
            return item
        founded = create_organization(form.slug.data, form.name.data, {})
        form.populate_obj(founded)
        return founded

    def row_menu(self, row: Any) -> Sequence[MenuItem]:
        enter = MenuItem(_("Act in it"), "login", f"{self.base_url}enter/{ROW_KEY}", "post", "page")
        return [enter, *super().row_menu(row)]

    @expose("/enter/<pk>", methods=["POST"])
    @requires("enter")
    def enter(self, pk: str) -> Response:
        """Let this session act in the organisation; its actions are recorded there."""
        organization = self.get_row(row_key(pk))
        enter_organization(own_session(), organization)
        db.session.commit()
        flash(
            _("You act in %(name)s now; all that you see and do is recorded.", name=organization.name), "info"
        )
        return redirect(url_for("Home.index"))

    @expose("/leave", methods=["POST"])
    @requires("enter")
    def leave(self) -> Response:
        leave_organization(own_session())
        db.session.commit()
        return redirect(self.base_url)

    @action(
        _l("Delete"),
        icon="trash",
        confirm=counted(
            "%(num)s organisation is closed; its rows stay and it can be opened again.",
            "%(num)s organisations are closed; their rows stay and they can be opened again.",
        ),
        submit=counted("Delete %(num)s organisation", "Delete %(num)s organisations"),
        danger=True,
        asks_password=True,
        name="remove",
    )
    def delete_rows(self, rows: Sequence[Organization], form: Any) -> Done:
        self._set(rows, OrganizationStatus.DELETED)
        return Done(ngettext("%(num)s organisation deleted.", "%(num)s organisations deleted.", len(rows)))

    @action(
        _l("Suspend"),
        icon="ban",
        confirm=counted(
            "Nobody of %(num)s organisation can work.", "Nobody of %(num)s organisations can work."
        ),
        submit=counted("Suspend %(num)s organisation", "Suspend %(num)s organisations"),
        danger=True,
        asks_password=True,
    )
    def suspend(self, rows: Sequence[Organization], form: Any) -> Done:
        self._set(rows, OrganizationStatus.SUSPENDED)
        return Done(
            ngettext("%(num)s organisation suspended.", "%(num)s organisations suspended.", len(rows))
        )

    @action(
        _l("Open again"),
        icon="check",
        confirm=counted("%(num)s organisation can work again.", "%(num)s organisations can work again."),
        submit=counted("Open %(num)s organisation", "Open %(num)s organisations"),
    )
    def activate(self, rows: Sequence[Organization], form: Any) -> Done:
        self._set(rows, OrganizationStatus.ACTIVE)
        return Done(
            ngettext("%(num)s organisation is active.", "%(num)s organisations are active.", len(rows))
        )

    def _set(self, rows: Sequence[Organization], status: OrganizationStatus) -> None:
        for row in rows:
            change_status(row, status)
        db.session.commit()

    @expose("/undo/<batch>", methods=["POST"])
    @requires("delete")
    def undo(self, batch: str) -> Response:
        """Organisations are activated again, not restored."""
        abort(404)
