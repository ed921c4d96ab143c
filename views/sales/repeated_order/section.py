"""Repeated orders beside their first orders, with the decisions of managers and their undo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, select, true

from app.panel.access import Access, permitted_section
from app.panel.action import Action
from app.panel.actor import acting_organization
from app.panel.displays import Chip, Computed
from app.panel.notifications import Notify
from app.panel.timeline import Timeline
from app.panel.words import Card, Tab, Under
from app.services.order.decide import consultants_of_firsts, lock_for_decision
from app.services.order.first_work import first_work
from models.order import Order, OrderStatus, RepeatDecision
from views import groups
from views.sales.repeated_order.decisions import DECISIONS, Decisions
from views.sales.repeated_order.rows import (
    DECIDED,
    can_attach,
    can_go_back,
    consultant,
    follow_up_url,
    gap,
    result_colour,
    result_words,
)
from views.timelines.orders import ASSIGNMENTS, COLOURS, ORDERS
from views.timelines.results import RESULTS


def _held() -> ColumnElement[bool]:
    return Order.status == OrderStatus.HELD


def _attached() -> ColumnElement[bool]:
    return Order.repeat_decision == RepeatDecision.ATTACHED


def _same_consultant() -> ColumnElement[bool]:
    return Order.repeat_decision == RepeatDecision.SAME_CONSULTANT


def _not_repeat() -> ColumnElement[bool]:
    return Order.repeat_decision == RepeatDecision.NOT_REPEAT


def _all() -> ColumnElement[bool]:
    return true()


class RepeatedOrders(Decisions):
    model = Order
    slug = "repeated-orders"
    rest = True
    title, title_one = _l("Repeated orders"), _l("repeated order")
    group, icon, menu_order = groups.SALES, "copy", 230
    # Orders are added, edited and deleted in their own section.
    exclude_route_methods = {"download", "add", "edit", "inline_edit", "delete", "undo", "trail", "lookup"}

    columns = (
        "customer",
        "product",
        Computed("gap", gap, reads=("ordered_at", "repeat_of.ordered_at")),
        "ordered_at",
        "source",
        Chip("repeat_decision", DECIDED),
    )
    under = {
        "customer": Under(("customer.mobile",)),
        "product": Under(("repeat_reason",)),
        "ordered_at": Under(("repeat_of.ordered_at",), names=(_l("Repeat"), _l("First"))),
        "source": Under(
            (
                Chip("repeat_of.status", result_colour, text=result_words),
                Computed("first_consultant", consultant),
            )
        ),
    }
    labels = {
        "repeat_decision": _l("Decided"),
        "gap": _l("Distance"),
        "ordered_at": _l("Two orders"),
        "source": _l("Source and result of the first"),
        "repeat_of.status": _l("Result of the first"),
        "first_consultant": _l("Consultant of the first"),
    }
    preload = ("status", "repeat_of_id", "repeat_of.status", "ordered_at", "repeat_of.ordered_at")
    card = Card(("product", "gap", "ordered_at"))
    headline = ("customer.mobile", Chip("status", COLOURS), "product")
    details = (
        "customer",
        "product",
        "quantity",
        "source",
        Chip("status", COLOURS),
        "note",
        "repeat_of",
        "repeat_reason",
        "repeat_decision",
        "decided_at",
    )
    timeline = Timeline(RESULTS, ORDERS, ASSIGNMENTS)
    tabs = (
        Tab(
            "held",
            _l("Waiting for a decision"),
            _held,
            counted=True,
            hides=("repeat_decision",),
            empty=_l("No repeated order waits for a decision."),
            empty_hint=_l("An order of the same product and number within the window waits here."),
        ),
        Tab("attached", _l("Attached"), _attached, hides=("repeat_decision",)),
        Tab("same_consultant", _l("Same consultant"), _same_consultant, hides=("repeat_decision",)),
        Tab("not_repeat", _l("Was no repeat"), _not_repeat, hides=("repeat_decision",)),
        Tab("all", _l("All"), _all),
    )
    search = ("customer",)
    search_hint = _l("Name or number …")
    filters = ("product", "source", "ordered_at")
    empty = _l("No repeated order")
    empty_hint = _l("An order of the same product and number within the window stands here.")
    acts_title = _l("Decision")

    roles = {
        "Consultant": Access.READ,
        "Manager": Access.READ | Access.EXPORT | Access.actions(*DECISIONS),
    }

    notify = (
        Notify(
            on="repeat_decision",
            to=consultants_of_firsts,
            values=(RepeatDecision.ATTACHED,),
            text=_l("A new order of %(name)s joined your follow-up"),
            many=_l("%(num)s repeated orders joined your follow-ups"),
            name=lambda row: str(row.customer),
            opens=follow_up_url,
            list_query="?tab=attached",
            icon="link",
        ),
    )

    def statement(self) -> Select[Any]:
        return select(Order).where(Order.repeat_of_id.is_not(None))

    def complete(self, rows: Sequence[Any]) -> None:
        work = first_work(rows)
        for row in rows:
            row.work = work.get(row.repeat_of_id)

    def person_of(self, row: Any) -> Any:
        return row.customer

    def lock_before(self, chosen: Action, rows: Sequence[Any], form: Any) -> None:
        lock_for_decision(rows)

    def proposed_act(self, row: Any) -> str | None:
        """Attaching where somebody works on the first order, otherwise its consultant, otherwise the tray."""
        if can_attach(row) is None:
            return "attach"
        return "same_consultant" if can_go_back(row) is None else "not_repeat"

    def list_links(self) -> Sequence[tuple[str, str]]:
        """The policy of the organisation, for members who may change it."""
        organization = acting_organization()
        if organization is None or permitted_section("settings/organization", "can_list") is None:
            return ()
        words = _(
            "Policy: %(policy)s, %(days)s days",
            policy=organization.repeat_policy.label,
            days=organization.repeat_window_days,
        )
        return [(words, url_for("OrganizationSettings.index"))]
