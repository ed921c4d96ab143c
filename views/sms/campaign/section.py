"""Campaigns: SMS to many receivers, with their progress and control."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from app.panel.access import Access
from app.panel.displays import Chip
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


class Campaigns(SmsSending, CampaignProgress):
    model = SmsCampaign
    slug = "campaigns"
    title, title_one = _l("Campaigns"), _l("campaign")
    group, icon, menu_order = groups.SMS, "send", 410
    # Campaigns are created in the dialog for sending, and do not change after it.
    exclude_route_methods = {
        "download", "add", "edit", "inline_edit", "delete", "undo", "action", "action_post", "lookup",
    }  # fmt: skip

    columns = ("title", Chip("status", _COLOURS), "selected", "total", "confirmed_at", "finished_at")
    filters = ("status", "category", "confirmed_at", "title")
    sortable = ("confirmed_at",)
    empty_hint = _l("Tick rows in the list of follow-ups or customers and choose «Send SMS».")

    roles = {
        "Manager": Access.READ | Access.ADD | Access.EXPORT | Access.TRAIL | Access.actions("cancel"),
        "Consultant": Access.READ | Access.ADD | Access.actions("cancel"),
    }

    def statement(self) -> Select[Any]:
        """The campaigns, without single messages."""
        return select(SmsCampaign).where(SmsCampaign.kind == CampaignKind.BULK)

    def list_buttons(self) -> list[Any]:
        """No «add» button: a campaign is created from the list of its receivers."""
        return []
