"""What a campaign would be, before anybody says «send»: who gets it and who doesn't, how it reads, what it costs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from app.services.sms.campaign.recipients import Selection, candidates, fingerprint, refusal_of
from app.services.sms.provider import price_of_page
from app.services.sms.quota import pages_left
from app.services.sms.sending_hours import next_opening
from app.services.sms.text.render import LONGEST, fields_of_row, pages, text_for
from app.services.sms.text.variables import Gaps, fill_gaps
from models.member import Member
from models.organization import Organization
from models.sms.campaign import LeftOut
from models.sms.template import SmsTemplate
from models.tenancy.scope import actor_of

SAMPLES, MOST_LEFT_OUT = 3, 50
# Above so many receivers the number is typed.
TYPED_ABOVE = 1000


@dataclass(frozen=True)
class Omission:
    """Somebody who gets nothing, and why; *details* name the empty variables."""

    key: int
    name: str
    mobile: str
    reason: LeftOut
    details: str = ""


@dataclass
class Preview:
    """`missing` are variables that nothing fills: with any of them nothing can be sent."""

    selected: int = 0
    receivers: int = 0
    pages: int = 0
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    omissions: list[Omission] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)
    missing: tuple[str, ...] = ()
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
    """Go through everybody that *rows* means, as the campaign would; keeps nothing."""
    organization = db.session.scalars(
        select(Organization).where(Organization.id == actor_of(db.session()).organization_id)
    ).one()
    gaps = fill_gaps(template.body, by, organization)
    found = Preview(missing=gaps.missing, pages_left=pages_left(by.id))
    opens_at = next_opening(organization, now())
    found.opens_at = opens_at if opens_at > now() else None
    seen: set[str] = set()
    keys: list[int] = []
    statement = candidates(rows.audience, rows.condition()).execution_options(yield_per=1000)
    for row in db.session.execute(statement):
        keys.append(row.key)
        _count(found, row, template, gaps, seen)
    found.selected, found.sha256 = len(keys), fingerprint(keys)
    price = price_of_page()
    found.rials = None if price is None else round(price * found.pages)
    return found


def _count(found: Preview, row: Any, template: SmsTemplate, gaps: Gaps, seen: set[str]) -> None:
    rendered = text_for(template, gaps, fields_of_row(row, row.product))
    reason = refusal_of(row, set() if rendered.missing else seen)
    if reason is None and rendered.missing:
        reason = LeftOut.MISSING_VALUE
    elif reason is None and len(rendered.text) > LONGEST:
        reason = LeftOut.TOO_LONG
    if reason is None:
        found.receivers += 1
        found.pages += pages(rendered.text)[0]
        if len(found.samples) < SAMPLES:
            found.samples.append(rendered.text)
        return
    found.left_out[reason] += 1
    if len(found.omissions) < MOST_LEFT_OUT:
        name = f"{row.first_name or ''} {row.last_name or ''}".strip()
        found.omissions.append(Omission(row.key, name, row.mobile, reason, "، ".join(rendered.missing)))
