"""Preview of a campaign: receivers, exclusions, sample texts and cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from app.lib.sms_text.size import size_of
from app.services.sms.campaign.recipients import Selection, candidates, fingerprint
from app.services.sms.campaign.text import CampaignText
from app.services.sms.provider import price_of_page
from app.services.sms.quota import pages_left
from app.services.sms.sending_hours import next_opening
from app.services.sms.text.limits import current_limits
from app.services.sms.text.variables import resolve_variables
from models.member import Member
from models.organization import Organization
from models.sms.campaign import LeftOut
from models.sms.template import SmsTemplate
from models.tenancy.scope import actor_of

SAMPLES, MAX_OMISSIONS = 3, 50
# Above this number of receivers, the user must type the number to confirm.
TYPED_ABOVE = 1000


@dataclass(frozen=True)
class Omission:
    """A selected row that gets no message; *details* names the empty variables."""

    key: int
    name: str
    mobile: str
    reason: LeftOut
    details: str = ""


@dataclass
class Preview:
    """The result of a preview; a campaign with `missing` variables or a `refusal` of the provider can't be sent."""

    selected: int = 0
    receivers: int = 0
    pages: int = 0
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    omissions: list[Omission] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    refusal: str = ""
    opens_at: datetime | None = None
    rials: int | None = None
    pages_left: int | None = None
    sha256: str = ""

    @property
    def must_be_typed(self) -> bool:
        return self.receivers > TYPED_ABOVE

    @property
    def is_within_quota(self) -> bool:
        return self.pages_left is None or self.pages <= self.pages_left


def preview(rows: Selection, template: SmsTemplate, by: Member) -> Preview:
    """Evaluate the selection *rows* as the campaign would; writes nothing."""
    organization = db.session.scalars(
        select(Organization).where(Organization.id == actor_of(db.session()).organization_id)
    ).one()
    resolved = resolve_variables(template.body, by, organization)
    text = CampaignText(template, resolved, current_limits())
    result = Preview(missing=resolved.missing, pages_left=pages_left(by.id))
    result.refusal = str(text.refusal() or "")
    opens_at = next_opening(organization, now())
    result.opens_at = opens_at if opens_at > now() else None
    seen: set[str] = set()
    keys: list[int] = []
    statement = candidates(rows.audience, rows.condition()).execution_options(yield_per=1000)
    for row in db.session.execute(statement):
        keys.append(row.key)
        _count(result, row, text, seen)
    result.selected, result.sha256 = len(keys), fingerprint(keys)
    price = price_of_page()
    result.rials = None if price is None else round(price * result.pages)
    return result


def _count(result: Preview, row: Any, text: CampaignText, seen: set[str]) -> None:
    found = text.for_row(row, seen)
    if found.reason is None:
        result.receivers += 1
        result.pages += size_of(found.text).pages
        if len(result.samples) < SAMPLES:
            result.samples.append(found.text)
        return
    result.left_out[found.reason] += 1
    if len(result.omissions) < MAX_OMISSIONS:
        name = f"{row.first_name or ''} {row.last_name or ''}".strip()
        result.omissions.append(Omission(row.key, name, row.mobile, found.reason, found.details))
