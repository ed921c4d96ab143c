"""Follow-ups: the list that a consultant works through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import ColumnElement, and_, select, true

from app.extensions import db
from app.panel.access import Access, permitted, permitted_section
from app.panel.displays import Chip, RelativeTime
from app.panel.forms.builder import PanelForm
from app.panel.notifications import Notify
from app.panel.queries.counts import cached_count
from app.panel.queries.moments import midnight
from app.panel.side import SidePanel
from app.panel.timeline import Timeline
from app.panel.view_models import ROW_KEY, Empty, MenuItem, NextStep
from app.panel.words import Card, Tab
from app.services.follow_up import follow_edited_contact
from models.follow_up import FollowUp
from models.tenancy.scope import actor_of
from views import groups
from views.day.follow_up.facts import latest, who
from views.day.follow_up.form import FollowUpForm
from views.day.follow_up.panel import FollowUpResults
from views.hand_over import HandOver
from views.task_maker import TaskMaker
from views.timelines.ahead import step_of
from views.timelines.messages import RECEIVED, REFUSED, SENT
from views.timelines.orders import ASSIGNMENTS, ORDERS
from views.timelines.results import RESULTS
from views.timelines.tasks import TASKS


def _due() -> ColumnElement[bool]:
    """Due today (in Tehran) or earlier."""
    return and_(FollowUp.not_closed(), FollowUp.next_at < midnight(1))


def _new() -> ColumnElement[bool]:
    return and_(FollowUp.not_closed(), FollowUp.last_entry_at.is_(None))


def _future() -> ColumnElement[bool]:
    return and_(FollowUp.not_closed(), FollowUp.next_at >= midnight(1))


def _all() -> ColumnElement[bool]:
    return true()


def _colour_of(row: Any) -> str:
    return str(row.last_result.colour.value) if row.last_result else "gray"


def _result_words(row: Any) -> str | None:
    return None if row.last_result else _("New")


class FollowUps(TaskMaker, HandOver, FollowUpResults):
    model = FollowUp
    slug = "follow-ups"
    rest = True
    title, title_one = _l("Follow-ups"), _l("follow-up")
    group, icon, menu_order = groups.DAY, "phone", 110
    in_bottom_bar = True

    columns = (
        "customer",
        "customer.mobile",
        Chip("last_result", _colour_of, text=_result_words, reads=("last_result.colour",)),
        "product",
        "attempts",
        RelativeTime("next_at", when="is_overdue", reads=("is_overdue",)),
        "consultant",
    )
    optional_columns = ("order.status",)
    card = Card(("product", "next_at"), chip="last_result", call="customer.mobile")
    panel = SidePanel(
        form=FollowUpForm,
        who=who,
        timeline=latest,
        right=_l("Register a result"),
        label=_l("Register result"),
        next=frozenset({"due", "new"}),
        parents=("customer", "product", "order"),
        watch=_l("Your note is not registered yet. Close the panel?"),
        template="results/_fields.html",
        chip="last_result",
    )
    labels = {"created_at": _l("Registered on")}
    preload = ("last_result.colour",)
    headline = ("customer.mobile", "product", "customer.city", "consultant")
    timeline = Timeline(RESULTS, SENT, RECEIVED, REFUSED, ORDERS, ASSIGNMENTS, TASKS)
    details = (
        "customer",
        "customer.mobile",
        "product",
        "order.status",
        "last_result",
        "attempts",
        "next_at",
        "consultant",
        "order.ordered_at",
        "order.note",
    )
    tabs = (
        Tab(
            "due",
            _l("Today and overdue"),
            _due,
            counted=True,
            sort="next_at",
            empty=_l("Nothing is due any more today."),
            empty_hint=_l("A follow-up comes here on the day of its next contact."),
        ),
        Tab(
            "new",
            _l("New"),
            _new,
            counted=True,
            sort="id",
            empty=_l("No new follow-up waits for you."),
            empty_hint=_l("An assigned order stands here until its first contact."),
            hides=("last_result", "attempts"),
        ),
        Tab(
            "future",
            _l("Future"),
            _future,
            sort="next_at",
            empty=_l("No contact is planned after today."),
            empty_hint=_l("A follow-up whose next contact is after today stands here."),
        ),
        Tab("all", _l("All"), _all),
    )
    search = ("customer",)
    search_hint = _l("Name or number …")
    filters = (
        "last_result",
        "status",
        "product",
        "next_at",
        "consultant",
        "attempts",
        "order.status",
        "order.ordered_at",
        "customer.city",
        "created_at",
    )
    sortable = ("next_at", "attempts")
    form = ("next_at",)
    related_fields = (
        "customer.first_name",
        "customer.last_name",
        "customer.city",
        "order.product",
        "order.note",
    )
    read_only = ("customer.mobile", "order.status")
    lookups = ("product", "consultant")
    attachments = True
    empty = _l("No follow-up yet")
    empty_hint = _l("An order that is assigned becomes a follow-up of its consultant.")

    roles = {
        "Consultant": Access.READ
        | Access.EDIT
        | Access.DELETE
        | Access.actions("create_task", "record", "sms"),
        "Manager": Access.READ
        | Access.TRAIL
        | Access.EXPORT
        | Access.EDIT
        | Access.DELETE
        | Access.actions("create_task", "record", "reassign", "sms"),
    }

    notify = (
        Notify(
            on="consultant",
            to="consultant",
            text=_l("The follow-up of %(name)s is yours"),
            many=_l("%(num)s follow-ups are yours now"),
            name=lambda row: str(row.customer),
            list_query="?tab=new",
            icon="user-plus",
        ),
    )

    @staticmethod
    def menu_count() -> int | None:
        return cached_count(FollowUp, "due", _due)

    def empty_state(self, tab: Tab | None = None) -> Empty:
        """Also what a new consultant reads: no order has come yet, and what they can do."""
        if not actor_of(db.session()).own or db.session.scalar(select(FollowUp.id).limit(1)) is not None:
            return self._empty_tab(tab)
        title = _("No order is assigned to you yet")
        if not current_user.accepts_orders:
            hint = _("You are away; until you are present no order comes to you.")
            return Empty(title, hint, _("I am present"), "/account/presence?present=1", posts=True)
        hint = _("An order that is assigned to you stands here, and a notification tells you of it.")
        if permitted_section("orders", "can_add"):
            return Empty(title, hint, _("Register an order by phone"), "/orders/add")
        return Empty(title, hint)

    def _empty_tab(self, tab: Tab | None) -> Empty:
        """Leads from the day without due contacts to the new follow-ups, if there are some."""
        empty = super().empty_state(tab)
        # The tab «new» shows this number, so it is known already.
        if tab is None or tab.key != "due" or not cached_count(FollowUp, "new", _new):
            return empty
        hint = _("New follow-ups wait for their first contact.")
        return replace(empty, hint=hint, label=_("New follow-ups"), url=f"{self.base_url}?tab=new")

    def work_of(self, rows: Sequence[Any]) -> Mapping[int, Sequence[FollowUp]]:
        """The rows themselves, closed ones too: what is chosen here is meant."""
        return {row.id: [row] for row in rows}

    def store(self, item: FollowUp, form: PanelForm, *, existing: bool) -> FollowUp:
        former = item.next_at
        saved: FollowUp = super().store(item, form, existing=existing)
        if saved.next_at != former:
            follow_edited_contact(saved)
        return saved

    def row_colour(self, row: Any) -> str | None:
        return str(row.last_result.colour.value) if row.last_result else None

    def person_of(self, row: Any) -> Any:
        return row.customer

    def next_step(self, row: Any) -> NextStep | None:
        return None if row.status.is_closed else step_of(row)

    def row_menu(self, row: Any) -> Sequence[MenuItem]:
        panel = f"{self.base_url}{ROW_KEY}/panel"
        items = [MenuItem(_("Earlier results"), "history", f"{panel}#history", opens="panel")]
        if permitted(self, "can_record"):
            items.insert(0, MenuItem(_("Register result"), "message-check", panel, opens="panel"))
        own = [item for item in self.own_items(row) if item.icon != "eye"]
        return [*items, *self.contributed_items(row), *own]
