"""Orders: those that wait for a consultant, all others, and new ones by phone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, true
from wtforms.validators import Length

from app.extensions import db
from app.panel.access import Access, permitted
from app.panel.action import Done, action, counted
from app.panel.actor import member_id, sees_own_rows_only
from app.panel.displays import Chip
from app.panel.forms.builder import Filled, MayBeEmpty, PanelForm
from app.panel.forms.fields import MobileField, NumberField, TextField
from app.panel.section import Section
from app.panel.words import Tab
from app.services.assignment.assign import assign, assign_all, assign_in_turn
from app.services.assignment.share import shortage
from app.services.order.place import place_order
from models.assignment import AssignmentMethod
from models.member import Member
from models.order import Order, OrderStatus
from views import groups
from views.consultant_form import ConsultantForm
from views.sales.order.turns import TurnsForm, preview_turns, turns_result

_COLOURS = {
    OrderStatus.NEW: "amber",
    OrderStatus.ASSIGNED: "blue",
    OrderStatus.WON: "green",
    OrderStatus.LOST: "red",
    OrderStatus.INVALID: "gray",
    OrderStatus.HELD: "violet",
}


def _waiting() -> ColumnElement[bool]:
    return Order.status == OrderStatus.NEW


def _all() -> ColumnElement[bool]:
    return true()


def _quantity() -> Any:
    """The field for the quantity, 1 by default."""
    return NumberField(
        _l("Quantity"), [MayBeEmpty()], least=1, most=100_000, default=1, filters=[lambda value: value or 1]
    )


class Orders(Section):
    model = Order
    slug = "orders"
    rest = True
    title, title_one = _l("Orders"), _l("order")
    group, icon, menu_order = groups.SALES, "shopping-cart", 220

    columns = (
        "customer",
        "customer.mobile",
        "product",
        "quantity",
        Chip("status", _COLOURS),
        "source",
        "ordered_at",
    )
    details = (*columns, "note", "reference", "is_repeat", "repeat_of", "repeat_reason")
    preload = ("repeat_of.customer", "repeat_of.product")
    tabs = (
        Tab("all", _l("All"), _all),
        Tab(
            "waiting",
            _l("Waiting for assignment"),
            _waiting,
            counted=True,
            sort="ordered_at",
            empty=_l("Every order has its consultant."),
        ),
    )
    related = ("follow-ups.order",)
    search = ("customer",)
    search_hint = _l("Name or number …")
    filters = (
        "status",
        "product",
        "source",
        "ordered_at",
        "is_repeat",
        "quantity",
        "customer.city",
        "reference",
    )
    sortable = ("ordered_at",)
    form = ("product", "quantity", "note")
    edit_fields = ("quantity", "note")
    read_only = ("customer", "customer.mobile", "product", "status")
    extra_fields = {
        "quantity": _quantity(),
        "mobile": MobileField(_l("Mobile"), [Filled(_l("Please fill in this field."))]),
        "first_name": TextField(_l("First name"), [MayBeEmpty(), Length(max=80)]),
        "last_name": TextField(_l("Last name"), [MayBeEmpty(), Length(max=80)]),
    }
    extra_edit_fields = {"quantity": _quantity()}
    attachments = True
    empty_hint = _l("Bring them in with a file, or register one that came by phone.")

    roles = {
        "Consultant": Access.READ | Access.ADD,
        "Manager": Access.FULL | Access.TRAIL | Access.EXPORT | Access.actions("assign", "assign_in_turn"),
    }

    def note_over(self, tab: Tab | None) -> str | None:
        """The reason why waiting orders are not assigned, for members who may assign them."""
        is_tray = tab is not None and tab.key == "waiting"
        return shortage() if is_tray and permitted(self, "can_assign_in_turn") else None

    def store(self, item: Order, form: PanelForm, *, existing: bool) -> Order:
        """Place a new order; a consultant's own order is assigned to them."""
        if existing:
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

    @action(
        _l("Assign"),
        icon="user-check",
        confirm=counted("%(num)s order goes to a consultant.", "%(num)s orders go to a consultant."),
        submit=counted("Assign %(num)s order", "Assign %(num)s orders"),
        form=ConsultantForm,
    )
    def assign(self, rows: Sequence[Order], form: ConsultantForm) -> Done:
        by = db.session.get_one(Member, member_id())
        if len(rows) == 1:
            assign(rows[0], form.chosen(), by=by)
            return self._assigned(rows, {rows[0].id})
        return self._assigned(rows, assign_all(rows, form.chosen(), by=by))

    @action(
        _l("Assign in turn"),
        icon="arrows-shuffle",
        confirm=counted(
            "%(num)s order goes to the consultants who are present.",
            "%(num)s orders go to the consultants who are present.",
        ),
        submit=counted("Assign %(num)s order", "Assign %(num)s orders"),
        form=TurnsForm,
        foresee=preview_turns,
    )
    def assign_in_turn(self, rows: Sequence[Order], form: TurnsForm | None) -> Done:
        waiting = [row for row in rows if row.status is OrderStatus.NEW]
        by = db.session.get_one(Member, member_id())
        return turns_result(rows, assign_in_turn(waiting, by=by), form)

    def _assigned(self, rows: Sequence[Order], given: set[int]) -> Done:
        if len(given) == len(rows):
            return Done(ngettext("%(num)s order assigned.", "%(num)s orders assigned.", len(given)))
        words = _(
            "%(given)s of %(asked)s orders assigned; the others did not wait for anybody.",
            given=len(given),
            asked=len(rows),
        )
        reason = _("This order does not wait for anybody.")
        return Done(words, refused={row.id: reason for row in rows if row.id not in given})
