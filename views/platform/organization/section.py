"""Organisations, for platform admins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement

from app.panel.access import Access
from app.panel.displays import Chip
from app.panel.forms.builder import Filled
from app.panel.forms.fields import NumberField
from app.panel.view_models import ROW_KEY, MenuItem
from app.panel.words import Tab
from app.services.organization import create_organization
from models.organization import MOST_REPEAT_DAYS, Organization, OrganizationStatus
from views import groups
from views.platform.organization.status import StatusActs

_COLOURS = {
    OrganizationStatus.ACTIVE: "green",
    OrganizationStatus.SUSPENDED: "amber",
    OrganizationStatus.DELETED: "gray",
}


def _there() -> ColumnElement[bool]:
    return Organization.status != OrganizationStatus.DELETED


def _deleted() -> ColumnElement[bool]:
    return Organization.status == OrganizationStatus.DELETED


class Organizations(StatusActs):
    model = Organization
    slug = "organizations"
    title, title_one = _l("Organisations"), _l("organisation")
    group, icon, menu_order = groups.PLATFORM, "building", 710
    right_labels = {"enter": _l("Act in it")}

    columns = ("name", "slug", Chip("status", _COLOURS), "currency", "created_at")
    labels = {"created_at": _l("Registered on")}
    preload = ("status",)
    details = (
        *columns,
        "repeat_policy",
        "repeat_window_days",
        "sale_ends_repeat",
        "managers_need_totp",
        "mask_mobiles",
    )
    tabs = (
        Tab("there", _l("All"), _there),
        Tab(
            "deleted",
            _l("Deleted organisations"),
            _deleted,
            empty=_l("No organisation is deleted."),
            empty_hint=_l("A deleted organisation stays here and can be opened again."),
        ),
    )
    empty = _l("No organisation yet")
    empty_hint = _l("Members, orders and messages belong to an organisation.")
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
    extra_fields = extra_edit_fields = {
        "repeat_window_days": NumberField(
            _l("Repeat window (days)"),
            [Filled(_l("Please fill in this field."))],
            least=1,
            most=MOST_REPEAT_DAYS,
            default=30,
        )
    }

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
