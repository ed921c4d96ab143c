"""The forms of a sale: one that a manager adds without a follow-up, and changes of items and discount."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.panel.filters.base import most_of
from app.panel.formatting import money_words
from app.panel.forms.builder import Length, MayBeEmpty, PanelForm
from app.panel.forms.doubts import answered_doubts
from app.panel.forms.fields import ChoiceField, MobileField, RelationField, TextField
from app.panel.forms.locking import StaleForm
from app.services.order.customer import find_or_add
from app.services.sale.by_hand import add_sale
from app.services.sale.change import ISSUED, change_sums
from app.services.sale.moves import lock_sale
from models.customer import Customer
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order
from models.sale import Sale, SaleItem, SaleStatus
from views.known_customer import KnownCustomers, asks

ADDED = ("customer", "mobile", "first_name", "last_name", "order", "consultant", "sold_at", "status", "discount")  # fmt: skip
CHANGED = ("sold_at", "discount")


def _optional(name: str, model: Any, words: Any, hint: Any) -> RelationField:
    """The look-up of a relation of sales that the form may leave empty."""

    def find(pk: int) -> Any:
        return None if pk > most_of(model.id) else db.session.scalar(select(model).where(model.id == pk))

    return RelationField(
        words, [MayBeEmpty()], find=find, lookup_url=f"/sales/lookup/{name}", description=hint
    )


FIELDS = {
    "customer": _optional("customer", Customer, _l("Customer"), _l("Search by name or number.")),
    "mobile": MobileField(
        _l("Mobile of a new customer"), [MayBeEmpty()], render_kw=asks("sales") | {"placeholder": " "}
    ),
    "first_name": TextField(_l("First name"), [MayBeEmpty(), Length(max=80)]),
    "last_name": TextField(_l("Last name"), [MayBeEmpty(), Length(max=80)]),
    "order": _optional(
        "order", Order, _l("Order"), _l("Without an order the sale gets one of its own, which is won.")
    ),
    "status": ChoiceField(
        _l("Status"),
        kind=(SaleStatus.CONFIRMED, SaleStatus.DRAFT),
        default=SaleStatus.CONFIRMED,
        description=_l("A draft is no sale yet."),
    ),
}


class SaleForms(KnownCustomers):
    """/add and /edit/<pk>: how the forms begin, and how they are stored."""

    def preset(self, form: PanelForm) -> None:
        """Begin with the order or the customer in the address."""
        super().preset(form)
        form["sold_at"].data = now()
        key = request.args.get("order", "")
        order = form["order"].find(int(key)) if key.isascii() and key.isdigit() and len(key) <= 18 else None
        if order is None:
            return
        form["order"].data, form["customer"].data = order, order.customer
        form["consultant"].data = _consultant_of(order)
        form["items"].begin_with([SaleItem(product=order.product, quantity=order.quantity)])

    def form_note(self, row: Any) -> str | None:
        return str(ISSUED) if row is not None and row.invoice_number is not None else None

    def store(self, item: Sale, form: PanelForm, *, existing: bool) -> Sale:
        if not existing:
            return self._add(item, form)
        # Written into the locked sale, whose sums are then brought in line.
        version = item.row_version
        if lock_sale(item.id).row_version != version:
            raise StaleForm
        saved: Sale = super().store(item, form, existing=True)
        change_sums(saved, money_words, sure=answered_doubts())
        return saved

    def _add(self, item: Sale, form: PanelForm) -> Sale:
        for name in ("sold_at", "status", "items", "discount"):
            form[name].populate_obj(item, name)
        item.order, item.consultant = form["order"].data, form["consultant"].data
        item.customer = self._customer_of(form)
        return add_sale(item, sure=answered_doubts())

    def _customer_of(self, form: PanelForm) -> Customer:
        """The customer that was chosen, whose number was written, or whose order it is."""
        chosen, mobile, order = form["customer"].data, form["mobile"].data, form["order"].data
        if chosen is not None and mobile and mobile != chosen.mobile:
            raise DomainError(_l("Choose a customer or write a number, not both."), field="mobile")
        customer: Customer | None = chosen or (order.customer if order is not None and not mobile else None)
        if customer is not None:
            return customer
        if mobile:
            names = {"first_name": form["first_name"].data, "last_name": form["last_name"].data}
            return find_or_add({"mobile": mobile, **names})
        raise DomainError(_l("Choose the customer, or write the number of a new one."), field="customer")


def _consultant_of(order: Order) -> Member | None:
    """Who follows the order up."""
    statement = select(FollowUp).where(FollowUp.order_id == order.id).order_by(FollowUp.id.desc()).limit(1)
    follow_up: FollowUp | None = db.session.scalar(statement)
    return follow_up.consultant if follow_up is not None and follow_up.consultant.active else None
