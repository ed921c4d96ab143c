"""The text of a campaign for each of its receivers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.gateways.sms.limits import TextLimits
from app.lib.persian import group_number
from app.lib.sms_text.size import size_of
from app.services.sms.campaign.recipients import exclusion_reason
from app.services.sms.text.limits import TextRefused, refusal_of
from app.services.sms.text.record_fields import fields_of_row
from app.services.sms.text.render import shortest_text, text_for
from app.services.sms.text.variables import ResolvedVariables
from models.sms.campaign import LeftOut, SmsCampaign
from models.sms.template import SmsTemplate

_LONGEST_DETAILS = 200


@dataclass(frozen=True)
class ReceiverText:
    """What one receiver gets, or the `reason` why they get nothing."""

    text: str
    reason: LeftOut | None = None
    details: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class CampaignText:
    """A text with the values that all receivers share, within the limits of the provider accounts."""

    template: SmsTemplate | SmsCampaign
    resolved: ResolvedVariables
    limits: TextLimits

    def shortest(self) -> str:
        return shortest_text(self.template, self.resolved, self.limits)

    def refusal(self) -> TextRefused | None:
        """The reason why no receiver can get the text, whatever their values are."""
        return refusal_of(self.shortest(), self.limits, field="template")

    def for_row(self, row: Any, seen: set[str]) -> ReceiverText:
        """The text for the candidate *row*; a number that gets one is added to *seen*."""
        found = self._fill(row)
        if found.reason is None:
            return ReceiverText(found.text, exclusion_reason(row, seen))
        if (excluded := exclusion_reason(row, set(seen))) is not None:
            return ReceiverText("", excluded)
        return found

    def _fill(self, row: Any) -> ReceiverText:
        rendered = text_for(self.template, self.resolved, fields_of_row(row, row.product), self.limits)
        if rendered.missing:
            details = "، ".join(rendered.missing)[:_LONGEST_DETAILS]
            return ReceiverText("", LeftOut.MISSING_VALUE, details, rendered.missing)
        size = size_of(rendered.text)
        excess = size.length - self.limits.most(size)
        if excess > 0:
            details = _("%(count)s characters too many", count=group_number(excess))
            return ReceiverText("", LeftOut.TOO_LONG, details)
        return ReceiverText(rendered.text)
