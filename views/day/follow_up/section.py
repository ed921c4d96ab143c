"""Follow-ups: the list that a consultant works through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, and_, true

from app.panel.access import Access, permitted
from app.panel.action import Done, action, counted
from app.panel.actor import sees_own_rows_only
from app.panel.columns import Column
from app.panel.displays import Chip, RelativeTime
from app.panel.queries.counts import cached_count
from app.panel.queries.moments import midnight
from app.panel.records.delete import soft_delete
from app.panel.view_models import ROW_KEY, MenuItem
from app.panel.words import Tab
from models.follow_up import FollowUp
from views import groups
from views.day.follow_up.hand_over import HandOver
from views.day.follow_up.panel import ResultPanel


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


class FollowUps(HandOver, ResultPanel):
    model = FollowUp
    slug = "follow-ups"
    rest = True
    title, title_one = _l("Follow-ups"), _l("follow-up")
    group, icon, menu_order = groups.DAY, "phone", 110

    columns = (
        "customer",
        "customer.mobile",
        "product",
        Chip("last_result", _colour_of, text=_result_words, reads=("last_result.colour",)),
        "order.status",
        "attempts",
        RelativeTime("next_at", when="is_overdue", reads=("is_overdue",)),
        "consultant",
    )
    labels = {"created_at": _l("Registered on")}
    preload = ("last_result.colour",)
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
        ),
        Tab("new", _l("New"), _new, counted=True, sort="id", empty=_l("No new follow-up waits for you.")),
        Tab("future", _l("Future"), _future, sort="next_at", empty=_l("No contact is planned after today.")),
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
    read_only = ("customer", "customer.mobile", "product", "order.status")
    lookups = ("product", "consultant")
    attachments = True
    empty_hint = _l("As soon as an order is assigned to you, it stands here.")

    roles = {
        "Consultant": Access.READ | Access.EDIT | Access.DELETE | Access.actions("record", "sms"),
        "Manager": Access.READ
        | Access.TRAIL
        | Access.EXPORT
        | Access.EDIT
        | Access.DELETE
        | Access.actions("record", "reassign", "sms"),
    }

    @staticmethod
    def menu_count() -> int | None:
        return cached_count(FollowUp, "due", _due)

    def shown_columns(self) -> Sequence[Column]:
        """The columns, without the consultant for members who see only their own rows."""
        if not sees_own_rows_only():
            return super().shown_columns()
        return [column for column in super().shown_columns() if column.path != "consultant"]

    def offered_filters(self) -> Sequence[Column]:
        if not sees_own_rows_only():
            return super().offered_filters()
        return [column for column in super().offered_filters() if column.path != "consultant"]

    def row_colour(self, row: Any) -> str | None:
        return str(row.last_result.colour.value) if row.last_result else None

    def panel_url(self, row: Any) -> str | None:
        return f"{self.base_url}{row.id}/panel"

    def row_menu(self, row: Any) -> Sequence[MenuItem]:
        panel = f"{self.base_url}{ROW_KEY}/panel"
        items = [MenuItem(_("Earlier results"), "history", f"{panel}#history", opens="panel")]
        if permitted(self, "can_record"):
            items.insert(0, MenuItem(_("Register result"), "message-check", panel, opens="panel"))
        own = [item for item in self.own_items(row) if item.icon != "eye"]
        return [*items, *self.contributed_items(row), *own]

    @action(
        _l("Delete"),
        icon="trash",
        confirm=counted("%(num)s follow-up will be deleted.", "%(num)s follow-ups will be deleted."),
        submit=counted("Delete %(num)s follow-up", "Delete %(num)s follow-ups"),
        danger=True,
        name="remove",
    )
    def delete_rows(self, rows: Sequence[FollowUp], form: Any) -> Done:
        batch = soft_delete(FollowUp, [row.id for row in rows])
        words = ngettext("%(num)s follow-up deleted.", "%(num)s follow-ups deleted.", len(rows))
        return Done(words, f"{self.base_url}undo/{batch}")
