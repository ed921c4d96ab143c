"""The further phones of a customer, on the customer's page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from app.panel.access import Access
from app.panel.child_section import ChildSection
from app.panel.forms.builder import PanelForm
from app.services.order.phone import write_phones_key
from models.customer import CustomerPhone


class CustomerPhones(ChildSection):
    model = CustomerPhone
    only_in = "customer"
    slug = "customer-phones"
    rest = True
    title, title_one = _l("Other phones"), _l("phone")
    icon, menu_order = "phone", 211

    columns = ("number", "title")
    form = ("number", "title")
    empty = _l("No other phone")

    roles = {"Manager": Access.FULL, "Consultant": Access.FULL, "SupportAgent": Access.READ}

    def write(self, item: Any, form: PanelForm, names: Sequence[str], *, existing: bool) -> CustomerPhone:
        saved: CustomerPhone = super().write(item, form, names, existing=existing)
        write_phones_key(saved.customer_id)
        return saved
