"""SMS actions in lists of people: ⋮ menu, bulk bar, and the list of sent messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.panel.contributions import Contribution, contribute
from app.panel.view_models import ROW_KEY, BulkButton, MenuItem, RecordAct

# The address of the dialog.
_SEND = "/campaigns/send/"


def _row_items(section: Any, row: Any) -> Sequence[MenuItem]:
    sent = f"{section.base_url}show/{ROW_KEY}?tab=sent-sms"
    return [
        MenuItem(_("Send SMS"), "message", f"{_SEND}{section.slug}/{ROW_KEY}", "post", "dialog"),
        MenuItem(_("Sent SMS"), "messages", sent),
    ]


def _record_acts(section: Any, row: Any) -> Sequence[RecordAct]:
    return [RecordAct(_("SMS"), "message", f"{_SEND}{section.slug}/{row.id}", "post", "dialog", key="S")]


def _bulk_buttons(section: Any) -> Sequence[BulkButton]:
    return [BulkButton("sms", _("Send SMS"), "message", url=f"{_SEND}{section.slug}")]


contribute(Contribution("can_sms", _l("Send SMS"), _row_items, _bulk_buttons, _record_acts))
