"""Campaigns: SMS to many receivers, with their progress and control."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, select

from app.panel.access import Access
from app.panel.displays import Chip
from app.panel.notifications import Notify
from app.panel.words import Tab
from app.services.sms.standstill import standstill
from models.sms.campaign import CampaignKind, CampaignStatus, SmsCampaign
from views import groups
from views.sms.campaign.progress import CampaignProgress
from views.sms.campaign.send import SmsSending

_COLOURS = {
    CampaignStatus.PREPARING: "gray",
    CampaignStatus.SCHEDULED: "violet",
    CampaignStatus.RUNNING: "blue",
    CampaignStatus.PAUSED: "amber",
    CampaignStatus.CANCELLING: "orange",
    CampaignStatus.CANCELLED: "gray",
    CampaignStatus.FINISHED: "green",
}


def is_bulk() -> ColumnElement[bool]:
    """The condition for campaigns, without single messages."""
    return SmsCampaign.kind == CampaignKind.BULK


class Campaigns(SmsSending, CampaignProgress):
    model = SmsCampaign
    slug = "campaigns"
    title, title_one = _l("Campaigns"), _l("campaign")
    group, icon, menu_order = groups.SMS, "send", 410
    right_labels = {"cancel": _l("Pause or cancel")}
    # Campaigns are created in the dialog for sending, and do not change after it.
    exclude_route_methods = {
        "download", "add", "edit", "inline_edit", "delete", "undo", "action", "action_post", "lookup",
    }  # fmt: skip

    columns = (
        "title",
        Chip("status", _COLOURS),
        "sender",
        "selected",
        "total",
        "confirmed_at",
        "finished_at",
    )
    labels = {"sender": _l("Sent by")}
    filters = ("status", "sender", "category", "confirmed_at", "title")
    sortable = ("confirmed_at",)
    empty = _l("No SMS was sent to a group yet")
    empty_hint = _l("Sending to several receivers begins in the list of follow-ups or customers.")

    roles = {
        "Manager": Access.READ | Access.ADD | Access.EXPORT | Access.TRAIL | Access.actions("cancel"),
        "Consultant": Access.READ | Access.ADD | Access.actions("cancel"),
    }

    notify = (
        Notify(
            on="status",
            to="sender",
            values=(CampaignStatus.FINISHED,),
            where=is_bulk,
            text=_l("The campaign «%(name)s» is finished"),
            many=_l("%(num)s campaigns are finished"),
            icon="checks",
        ),
        Notify(
            on="status",
            to="sender",
            values=(CampaignStatus.PAUSED,),
            where=is_bulk,
            text=_l("The campaign «%(name)s» is paused"),
            many=_l("%(num)s campaigns are paused"),
            icon="player-pause",
            is_problem=True,
        ),
        Notify(
            on="status",
            to="sender",
            values=(CampaignStatus.CANCELLED,),
            where=is_bulk,
            text=_l("The campaign «%(name)s» was cancelled"),
            many=_l("%(num)s campaigns were cancelled"),
            icon="ban",
            is_problem=True,
        ),
    )

    def statement(self) -> Select[Any]:
        """The campaigns, without single messages."""
        return select(SmsCampaign).where(is_bulk())

    def has_page(self, row: SmsCampaign) -> bool:
        return row.kind is CampaignKind.BULK

    def note_over(self, tab: Tab | None) -> str | None:
        """The reason why messages wait, while no account takes any."""
        return standstill()

    def list_buttons(self) -> list[Any]:
        """No «add» button: a campaign is created from the list of its receivers."""
        return []
