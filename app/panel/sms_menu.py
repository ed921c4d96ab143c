"""What lists of people offer of SMS: one message from the ⋮ menu, many from the bulk bar, and those that were sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from app.panel.guard import permitted
from app.panel.listing import BulkButton, MenuItem

# The right on a list, and where the dialog is asked for.
RIGHT, _SEND = "can_sms", "/campaigns/send/"


def sms_menu(section: Any, row: Any) -> Sequence[MenuItem]:
    """For who may write to the row's person."""
    if not permitted(section, RIGHT):
        return []
    sent = f"{section.base_url}show/{row.id}?tab=sent-sms"
    return [
        MenuItem(_("Send SMS"), "message", f"{_SEND}{section.slug}/{row.id}", "post", "dialog"),
        MenuItem(_("Sent SMS"), "messages", sent),
    ]


def sms_bulk(section: Any) -> Sequence[BulkButton]:
    if not permitted(section, RIGHT):
        return []
    return [BulkButton("sms", _("Send SMS"), "message", url=f"{_SEND}{section.slug}")]
