"""The addresses of a customer, on the customer's page."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.lib.persian import persian_digits
from app.panel.access import Access
from app.panel.child_section import ChildSection
from models.customer import Address


class Addresses(ChildSection):
    model = Address
    only_in = "customer"
    slug = "addresses"
    rest = True
    title, title_one = _l("Addresses"), _l("address")
    icon, menu_order = "map-pin", 212
    labels = {"place": _l("Place")}

    columns = ("line", "place", "receiver", "postal_code")
    form = ("province", "city", "line", "postal_code", "receiver", "is_default")
    empty = _l("No address yet")

    roles = {"Manager": Access.FULL, "Consultant": Access.FULL, "SupportAgent": Access.READ}

    def copied_text(self, row: Address) -> str:
        """The address as it is written on a parcel."""
        lines = [row.receiver, str(row)]
        if row.postal_code:
            lines.append(_("Postal code: %(code)s", code=persian_digits(row.postal_code)))
        return "\n".join(line for line in lines if line)
