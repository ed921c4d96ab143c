"""Orders: those that wait for a consultant, all others, and new ones by phone."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, true

from app.extensions import db
from app.panel.access import Access, permitted, permitted_section
from app.panel.actor import member_id, sees_own_rows_only
from app.panel.displays import Chip
from app.panel.displays.owners import Owners
from app.panel.forms.builder import Filled, Length, MayBeEmpty, PanelForm
from app.panel.forms.fields import MobileField, NumberField, TextField
from app.panel.timeline import Timeline
from app.panel.view_models import ROW_KEY, MenuItem, NextStep, RecordAct
from app.panel.words import Card, Tab
from app.services.assignment.assign import assign
from app.services.assignment.share_words import shortage
from app.services.order.place import place_order
from app.services.order.product import change_product
from models.assignment import AssignmentMethod
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order, OrderStatus
from views import groups
from views.known_customer import asks
from views.sales.order.assigning import Assigning
from views.timelines.ahead import next_contact
from views.timelines.orders import ASSIGNMENTS, COLOURS, ORDERS
from views.timelines.results import RESULTS
from views.timelines.sales import PAYMENTS, SALES
from views.timelines.tasks import TASKS


def _waiting() -> ColumnElement[bool]:
    return Order.status == OrderStatus.NEW


def _all() -> ColumnElement[bool]:
    return true()


def _quantity() -> Any:
    """The field for the quantity, 1 by default."""
    return NumberField(
        _l("Quantity"), [MayBeEmpty()], least=1, most=100_000, default=1, filters=[lambda value: value or 1]
    )


class Orders(Assigning):
    model = Order
    slug = "orders"
    rest = True
    title, title_one = _l("Orders"), _l("order")
    group, icon, menu_order = groups.SALES, "shopping-cart", 220
    in_bottom_bar = True

    columns = (
        "customer",
        "customer.mobile",
        Chip("status", COLOURS),
        "product",
        "quantity",
        "owners",
        "source",
        "ordered_at",
    )
    owners = Owners(FollowUp.order, FollowUp.consultant)
    headline = ("customer.mobile", "customer.city", Chip("status", COLOURS))
    timeline = Timeline(RESULTS, ORDERS, ASSIGNMENTS, SALES, PAYMENTS, TASKS)
    details = (*columns, "note", "reference", "is_repeat", "repeat_of", "repeat_reason")
    card = Card(("product", "owners", "ordered_at"), chip="status", call="customer.mobile")
    preload = ("repeat_of.customer", "repeat_of.product", "status")
    tabs = (
        Tab("all", _l("All"), _all),
        Tab(
            "waiting",
            _l("Waiting for assignment"),
            _waiting,
            counted=True,
            sort="ordered_at",
            empty=_l("Every order has its consultant."),
            hides=("status",),
            empty_hint=_l("An order without a consultant waits here."),
        ),
    )
    related = ("follow-ups.order",)
    search = ("customer",)
    search_hint = _l("Name or number …")
    filters = (
        "status",
        "owners",
        "product",
        "source",
        "ordered_at",
        "is_repeat",
        "quantity",
        "customer.city",
        "reference",
    )
    sortable = ("ordered_at",)
    form = ("mobile", "first_name", "last_name", "product", "quantity", "note")
    edit_fields = ("quantity", "note")
    read_only = ("customer", "customer.mobile", "product", "status")
    extra_fields = {
        "quantity": _quantity(),
        "mobile": MobileField(
            _l("Mobile"), [Filled(_l("Please fill in this field."))], render_kw=asks("orders")
        ),
        "first_name": TextField(_l("First name"), [MayBeEmpty(), Length(max=80)]),
        "last_name": TextField(_l("Last name"), [MayBeEmpty(), Length(max=80)]),
    }
    extra_edit_fields = {"quantity": _quantity()}
    attachments = True
    empty = _l("No order yet")
    empty_hint = _l("Orders come from a file, from another program or by phone.")

    roles = {
        "Consultant": Access.READ | Access.ADD,
        "Manager": Access.FULL
        | Access.TRAIL
        | Access.EXPORT
        | Access.actions("assign", "assign_in_turn", "reassign"),
    }

    def person_of(self, row: Any) -> Any:
        return row.customer

    def record_acts(self, row: Any) -> Sequence[RecordAct]:
        """With a sale without a result, for members who may add one."""
        acts = list(super().record_acts(row))
        if row.status is not OrderStatus.WON and permitted_section("sales", "can_add"):
            acts.append(RecordAct(_("Add a sale"), "receipt", f"/sales/add?order={row.id}", short=_("Sale")))
        return acts

    def form_note(self, row: Any) -> str | None:
        return _("The order is assigned to you.") if row is None and sees_own_rows_only() else None

    def next_step(self, row: Any) -> NextStep | None:
        return next_contact(FollowUp.order_id == row.id)

    def note_over(self, tab: Tab | None) -> str | None:
        """The reason why waiting orders are not assigned, for members who may assign them."""
        is_tray = tab is not None and tab.key == "waiting"
        return shortage() if is_tray and permitted(self, "can_assign_in_turn") else None

    def menu_kind(self, row: Any) -> Hashable:
        return row.status is OrderStatus.NEW

    def own_items(self, row: Any) -> Sequence[MenuItem]:
        """Without the assignment that does not suit the order: one that waits has no consultant to change."""
        unsuited = ("reassign",) if row.status is OrderStatus.NEW else ("assign", "assign_in_turn")
        urls = {f"{self.base_url}action/{name}/{ROW_KEY}" for name in unsuited}
        return [item for item in super().own_items(row) if item.url not in urls]

    def store(self, item: Order, form: PanelForm, *, existing: bool) -> Order:
        """Place a new order; a consultant's own order is assigned to them."""
        if existing:
            if "product" in form:
                change_product(item, form["product"].data)
            edited: Order = super().store(item, form, existing=True)
            return edited
        fields = {
            "mobile": form.mobile.data,
            "first_name": form.first_name.data,
            "last_name": form.last_name.data,
        }
        order = place_order(
            customer_fields=fields,
            product=form.product.data,
            quantity=form.quantity.data,
            note=form.note.data,
        )
        if order.status is OrderStatus.NEW and sees_own_rows_only():
            me = db.session.get_one(Member, member_id())
            assign(order, me, method=AssignmentMethod.MANUAL, by=me)
        return order
