"""Sent SMS: all messages with their state, and the reason of failures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.lib.clock import now
from app.lib.mobile import display_mobile
from app.panel.access import Access
from app.panel.displays import Chip
from app.panel.notifications import Notify
from app.panel.section import Section
from app.panel.words import Tab
from app.services.sms.standstill import standstill
from models.sms.campaign import CampaignKind, SmsCampaign
from models.sms.message import FINAL, HANDED_OVER, NOT_RECEIVED, MessageState, SmsMessage
from views import groups

# Providers delete messages after two days, so they report no delivery later.
REPORTED_WITHIN = timedelta(hours=48)
_COLOURS = {
    MessageState.DELIVERED: "green",
    MessageState.SENT: "blue",
    MessageState.ACCEPTED: "blue",
    MessageState.UNKNOWN: "amber",
    MessageState.NEEDS_REVIEW: "orange",
    MessageState.UNDELIVERED: "red",
    MessageState.BLOCKED: "red",
    MessageState.FAILED: "red",
}


# What the words of a state depend on.
_READS = ("accepted_at", "left_out", "error_code")


def is_silent(row: Any) -> bool:
    """Whether a provider has accepted the message and its report is overdue."""
    is_open = row.state in HANDED_OVER - FINAL
    return bool(is_open and row.accepted_at and row.accepted_at < now() - REPORTED_WITHIN)


def _colour_of(row: Any) -> str:
    return "gray" if is_silent(row) else _COLOURS.get(row.state, "gray")


def _state_words(row: Any) -> str | None:
    """The state with its reason; «no report» for an overdue report."""
    if is_silent(row):
        return _("No report")
    reason = row.left_out.label if row.left_out else (row.error_code if row.state in FINAL else None)
    return f"{row.state.label}: {reason}" if reason else None


class SentSms(Section):
    model = SmsMessage
    slug = "sent-sms"
    rest = True
    title, title_one = _l("Sent SMS"), _l("SMS")
    group, icon, menu_order = groups.SMS, "messages", 420
    in_bottom_bar = True
    notify = (
        Notify(
            on="state",
            to="sender",
            values=NOT_RECEIVED,
            # What does not arrive of a campaign stands on its page.
            where=lambda: SmsMessage.campaign.has(SmsCampaign.kind == CampaignKind.SINGLE),
            text=_l("The SMS to %(name)s did not arrive"),
            many=_l("%(num)s SMS did not arrive"),
            name=lambda row: str(row.customer) if row.customer else display_mobile(row.mobile),
            is_problem=True,
        ),
    )
    exclude_route_methods = {
        "download", "add", "edit", "inline_edit", "delete", "undo", "action", "trail",
    }  # fmt: skip

    is_live = True
    columns = (
        "customer",
        "mobile",
        "body",
        Chip("state", _colour_of, text=_state_words, reads=_READS),
        "segments",
        "sender",
        "created_at",
    )
    labels = {"created_at": _l("At"), "sender": _l("Sent by")}
    details = (
        "customer",
        "mobile",
        "body",
        "state",
        "left_out",
        "error_code",
        "segments",
        "campaign",
        "follow_up",
        "sender",
        "created_at",
        "accepted_at",
        "final_at",
    )
    appears_on = ("customer", "follow_up")
    search = ("customer",)
    search_hint = _l("Name or number …")
    filters = ("state", "sender", "created_at", "campaign", "body", "segments", "left_out")
    lookups = ("campaign",)
    empty = _l("No SMS was sent yet")
    empty_hint = _l("Each message stands here with its state, from the queue to the receiver.")

    roles = {"Manager": Access.READ | Access.EXPORT, "Consultant": Access.READ}

    def note_over(self, tab: Tab | None) -> str | None:
        """The reason why messages wait, while no account takes any."""
        return standstill()
