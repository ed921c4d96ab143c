"""Customers: the people we sell to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from app.panel.access import Access
from app.panel.listing import BulkButton, MenuItem
from app.panel.menu import MenuGroup
from app.panel.section import Section
from app.panel.sms_menu import sms_bulk, sms_menu
from models.customer import Customer


class Customers(Section):
    model = Customer
    slug = "customers"
    rest = True
    title, title_one = _("Customers"), _("customer")
    group, icon, order = MenuGroup.SALES, "users", 110

    columns = ("name", "mobile", "province", "city", "opted_out", "created_at")
    labels = {"name": _("Full name"), "created_at": _("Registered on")}
    facts = (
        "mobile",
        "first_name",
        "last_name",
        "email",
        "national_id",
        "province",
        "city",
        "opted_out",
        "note",
    )
    related = ("orders.customer", "follow-ups.customer")
    inline = ("province", "city")
    bulk_edit = ("province", "city")
    search = ("self",)
    search_hint = _("Name or number …")
    in_palette = True
    filters = ("province", "city", "email", "national_id", "opted_out", "created_at")
    sortable = ("created_at", "city")
    form = (
        "mobile",
        "first_name",
        "last_name",
        "email",
        "national_id",
        "province",
        "city",
        "opted_out",
        "note",
    )
    attachments = True
    empty_hint = _("Customers come with their first order, or you add them here.")

    roles = {
        "Manager": Access.FULL | Access.TRAIL | Access.EXPORT | Access.actions("sms"),
        "Consultant": Access.WRITE | Access.actions("sms"),
        "SupportAgent": Access.READ,
    }

    def row_menu(self, row: Any) -> Sequence[MenuItem]:
        return [*super().row_menu(row), *sms_menu(self, row)]

    def bulk_buttons(self) -> Sequence[BulkButton]:
        return [*sms_bulk(self), *super().bulk_buttons()]
