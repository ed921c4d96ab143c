"""Customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import DomainError
from app.panel.access import Access, permitted_section
from app.panel.displays import Flag
from app.panel.displays.owners import Owners
from app.panel.forms.builder import Filled
from app.panel.forms.fields import MobileField
from app.panel.timeline import Timeline
from app.panel.view_models import RecordAct
from app.panel.words import Card
from app.services.order.phone import keep_former_mobile
from app.services.sms.consent import find_opt_out
from models.customer import Customer
from models.follow_up import FollowUp
from models.sms.consent import OptOutSource
from views import groups
from views.erasing import Erasing
from views.hand_over import HandOver
from views.known_customer import KnownCustomers, asks
from views.merging.section import Merging
from views.task_maker import TaskMaker
from views.timelines.messages import RECEIVED, REFUSED, SENT
from views.timelines.orders import ASSIGNMENTS, ORDERS
from views.timelines.results import RESULTS
from views.timelines.sales import PAYMENTS, SALES
from views.timelines.support import SUPPORT
from views.timelines.tasks import TASKS


class Customers(Erasing, Merging, KnownCustomers, HandOver, TaskMaker):
    model = Customer
    slug = "customers"
    rest = True
    title, title_one = _l("Customers"), _l("customer")
    group, icon, menu_order = groups.SALES, "users", 210
    in_bottom_bar = True

    columns = (
        "name",
        "mobile",
        "city",
        "owners",
        Flag("opted_out", text=_l("Wants no SMS"), colour="red"),
        "created_at",
    )
    owners = Owners(FollowUp.customer, FollowUp.consultant)
    card = Card(("city", "owners", "created_at"), chip="opted_out", call="mobile")
    labels = {"name": _l("Full name"), "created_at": _l("Registered on")}
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
    headline = ("mobile", "city", "opted_out")
    timeline = Timeline(
        RESULTS, SUPPORT, SENT, RECEIVED, REFUSED, ORDERS, ASSIGNMENTS, SALES, PAYMENTS, TASKS
    )
    related = ("orders.customer", "follow-ups.customer", "sales.customer")
    inline = ("province", "city")
    bulk_edit = ("province", "city")
    search = ("self",)
    search_hint = _l("Name or number …")
    in_palette = True
    filters = ("owners", "province", "city", "email", "national_id", "opted_out", "created_at")
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
    extra_fields = {
        "mobile": MobileField(
            _l("Mobile"), [Filled(_l("Please fill in this field."))], render_kw=asks("customers")
        ),
    }
    fills_known = False
    attachments = True
    importable, import_key = True, "mobile"
    empty = _l("No customer yet")
    empty_hint = _l("Customers come with their first order.")

    roles = {
        "Manager": Access.FULL
        | Access.TRAIL
        | Access.EXPORT
        | Access.IMPORT
        | Access.actions("create_task", "erase", "merge", "reassign", "sms"),
        "Consultant": Access.WRITE | Access.actions("create_task", "sms"),
        "SupportAgent": Access.READ | Access.actions("create_task"),
    }

    def record_acts(self, row: Any) -> Sequence[RecordAct]:
        acts = super().record_acts(row)
        if permitted_section("orders", "can_add") is None:
            return acts
        url = f"/orders/add?customer={row.id}"
        return [*acts, RecordAct(_("New order of the customer"), "plus", url, key="N", short=_("Order"))]

    def store(self, item: Customer, form: Any, *, existing: bool) -> Customer:
        """Refuse to remove an opt-out, which only the customer can do."""
        if existing and item.opted_out and "opted_out" in form and not form.opted_out.data:
            entry = find_opt_out(item.mobile)
            if entry is not None and entry.source is not OptOutSource.MEMBER:
                words = _("This person asked for no messages; only they can take it back, by sending «12».")
                raise DomainError(words, field="opted_out")
        saved: Customer = super().store(item, form, existing=existing)
        return saved

    def write(self, item: Any, form: Any, names: Sequence[str], *, existing: bool) -> Customer:
        former = item.mobile if existing else None
        saved: Customer = super().write(item, form, names, existing=existing)
        if former is not None and former != saved.mobile:
            keep_former_mobile(saved, former)
        return saved
