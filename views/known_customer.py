"""The customer of a number that is typed into the form of a new order or customer: found before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from flask import request
from flask_appbuilder import expose
from sqlalchemy import select

from app.extensions import db
from app.lib.mobile import MobileError, canonical_mobile
from app.panel.access import permitted_section, requires
from app.panel.forms.builder import PanelForm
from app.panel.rates.groups import Group, limited
from app.panel.section import Section
from app.panel.timeline.page import TimelinePage, timeline_page
from models.customer import Customer, CustomerPhone
from models.tenancy.scope import whole_organization

_SHOWN = 4
_CUSTOMER = "customer"


@dataclass(frozen=True)
class KnownCustomer:
    """A customer of the member, with the newest events, and the values that fill the form."""

    name: str
    url: str
    facts: list[str]
    timeline: TimelinePage
    values: dict[str, str]


# The customer of the number is shown while it is typed.
def asks(slug: str) -> dict[str, str]:
    """The attributes of the field «mobile» in the form of the section *slug*."""
    return {
        "hx-get": f"/{slug}/known",
        "hx-trigger": "input changed delay:300ms, load",
        "hx-target": "#mobile-known",
        "hx-swap": "innerHTML",
        "hx-sync": "this:replace",
    }


class KnownCustomers(Section):
    """GET /known, and the customer in the address of the form."""

    # Whether the form belongs to the customer that is found, and gets their values.
    fills_known: ClassVar[bool] = True

    @expose("/known")
    @requires("add")
    @limited(read=Group.SEARCH)
    def known(self) -> str:
        customer, is_elsewhere = _find(request.args.get("mobile", ""))
        known = _shown(customer) if customer is not None else None
        fills = self.fills_known
        return self.render_template("sales/known.html", known=known, is_elsewhere=is_elsewhere, fills=fills)

    def preset(self, form: PanelForm) -> None:
        """Fill the form with the customer in the address, if the member may see them."""
        key = request.args.get(_CUSTOMER, "") if self.fills_known else ""
        if not (key.isascii() and key.isdigit() and len(key) <= 18):
            return
        customer = db.session.scalar(select(Customer).where(Customer.id == int(key)))
        if customer is not None:
            for name, value in {"mobile": customer.mobile, **_values(customer)}.items():
                form[name].data = value


def _find(text: str) -> tuple[Customer | None, bool]:
    """(the customer with this number, whether it belongs to one that the member may not see)."""
    try:
        number = canonical_mobile(text)
    except MobileError:
        return None, False
    of_phones = select(CustomerPhone.customer_id).where(CustomerPhone.number == number)
    statements = [
        select(Customer).where(each) for each in (Customer.mobile == number, Customer.id.in_(of_phones))
    ]
    if permitted_section("customers", "can_show") is not None:
        for statement in statements:
            customer = db.session.scalar(statement.order_by(Customer.id).limit(1))
            if customer is not None:
                return customer, False
    # Only the mobile is unique; another phone may belong to several customers.
    with whole_organization(db.session()):
        return None, db.session.scalar(statements[0].with_only_columns(Customer.id)) is not None


def _shown(customer: Customer) -> KnownCustomer:
    section: Any = permitted_section("customers", "can_show")
    return KnownCustomer(
        name=str(customer),
        url=f"{section.base_url}show/{customer.id}",
        facts=[fact for fact in (customer.province, customer.city) if fact],
        timeline=timeline_page(section.timeline, customer, size=_SHOWN),
        values=_values(customer),
    )


def _values(customer: Customer) -> dict[str, str]:
    return {"first_name": customer.first_name or "", "last_name": customer.last_name or ""}
