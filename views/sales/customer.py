"""Customers."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.panel.access import Access
from app.panel.section import Section
from app.services.sms.consent import find_opt_out
from models.customer import Customer
from models.sms.consent import OptOutSource
from views import groups


class Customers(Section):
    model = Customer
    slug = "customers"
    rest = True
    title, title_one = _("Customers"), _("customer")
    group, icon, menu_order = groups.SALES, "users", 210

    columns = ("name", "mobile", "province", "city", "opted_out", "created_at")
    labels = {"name": _("Full name"), "created_at": _("Registered on")}
    details = (
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
    importable, import_key = True, "mobile"
    empty_hint = _("Customers come with their first order, or you add them here.")

    roles = {
        "Manager": Access.FULL | Access.TRAIL | Access.EXPORT | Access.IMPORT | Access.actions("sms"),
        "Consultant": Access.WRITE | Access.actions("sms"),
        "SupportAgent": Access.READ,
    }

    def store(self, item: Customer, form: Any, *, existing: bool) -> Customer:
        """Refuse to remove an opt-out, which only the customer can do."""
        if existing and item.opted_out and "opted_out" in form and not form.opted_out.data:
            entry = find_opt_out(item.mobile)
            if entry is not None and entry.source is not OptOutSource.MEMBER:
                words = _("This person asked for no messages; only they can take it back, by sending «12».")
                raise DomainError(words, field="opted_out")
        saved: Customer = super().store(item, form, existing=existing)
        return saved
