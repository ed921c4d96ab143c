"""Campaigns: what somebody decides to send is kept as it was decided, and counted as it goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from app.errors import DomainError
from app.extensions import db
from app.gateways.task_queue import enqueue_after_commit
from app.lib.clock import now
from app.services.audit.record import muted
from app.services.sms.campaign.control import cancel, pause, resume
from app.services.sms.campaign.prepare import gaps_of, prepare_chunk
from app.services.sms.campaign.recipients import Selection, candidates, chunks, fingerprint, refusal_of
from app.services.sms.delivery.manual_review import decide
from app.services.sms.lease import PREPARE, WAKE, begin_writing
from app.services.sms.quota import reserve, this_month
from app.services.sms.sending_hours import next_opening
from app.services.sms.text.render import LONGEST, pages, shortest
from app.services.sms.text.variables import MissingVariables, fill_gaps
from models.member import Member
from models.organization import Organization
from models.sms.campaign import CampaignKind, SmsCampaign, SmsSelection
from models.sms.message import MessageState, SmsMessage
from models.sms.template import SmsTemplate
from models.tenancy.scope import actor_of, fill_tenant

__all__ = ["Created", "cancel", "count_states", "create_campaign", "decide", "pause", "resume"]

# From the moment when they may leave, messages wait so long for a provider.
LIFETIME = timedelta(hours=48)


class Created(NamedTuple):
    """The campaign of a form; not new when the form had come before."""

    campaign: SmsCampaign
    is_new: bool


class NobodyChosen(DomainError):
    """Of all that were chosen none is within reach."""


class InThePast(DomainError):
    """A schedule that is over is no «send now»."""


class TextTooLong(DomainError):
    """No provider takes it."""


def create_campaign(
    selection: Selection,
    template: SmsTemplate,
    *,
    client_token: UUID,
    by: Member,
    kind: CampaignKind = CampaignKind.BULK,
    scheduled_at: datetime | None = None,
) -> Created:
    """Keep what was decided, hold its pages and wake the workers; nothing leaves before the commit.

    The same *client_token* again is the same campaign. One message is made at once, many by a job in chunks.
    Raises `MissingVariables`, `NobodyChosen`, `InThePast`, `TextTooLong`, `QuotaExceeded`; then nothing is kept.
    """
    begin_writing()
    if (earlier := find_campaign(client_token)) is not None:
        return Created(earlier, is_new=False)
    campaign = _draft(template, by, kind=kind, scheduled_at=scheduled_at)
    campaign.client_token, campaign.audience = client_token, selection.audience
    try:
        with db.session.begin_nested():
            _keep(campaign, selection)
    except IntegrityError:
        # The same form, sent twice at the same moment.
        if (earlier := find_campaign(client_token)) is None:
            raise
        return Created(earlier, is_new=False)
    if kind is CampaignKind.SINGLE:
        with muted():
            prepare_chunk(campaign)
    enqueue_after_commit(WAKE if kind is CampaignKind.SINGLE else PREPARE)
    return Created(campaign, is_new=True)


def find_campaign(client_token: UUID) -> SmsCampaign | None:
    """The campaign of a form that was sent already."""
    return db.session.scalar(select(SmsCampaign).where(SmsCampaign.client_token == client_token))


def count_states(campaign: SmsCampaign) -> dict[MessageState, int]:
    """How many of its messages are in each state; always counted, never remembered."""
    statement = (
        select(SmsMessage.state, func.count().label("number"))
        .where(SmsMessage.campaign_id == campaign.id)
        .group_by(SmsMessage.state)
    )
    return {row.state: row.number for row in db.session.execute(statement)}


def _draft(
    template: SmsTemplate, by: Member, *, kind: CampaignKind, scheduled_at: datetime | None
) -> SmsCampaign:
    if scheduled_at is not None and scheduled_at <= now():
        raise InThePast(_("The time to send at is over."), field="scheduled_at")
    organization = db.session.get_one(Organization, actor_of(db.session()).organization_id)
    gaps = fill_gaps(template.body, by, organization)
    if gaps.missing:
        raise MissingVariables(gaps.missing)
    return SmsCampaign(
        kind=kind,
        template_id=template.id,
        title=template.title,
        body=template.body,
        category=template.category,
        values=gaps.as_json(),
        created_by_id=by.id,
        quota_month=this_month(),
        scheduled_at=scheduled_at,
        expires_at=next_opening(organization, scheduled_at or now()) + LIFETIME,
        confirmed_at=now(),
        reserved=0,
        total=0,
    )


def _keep(campaign: SmsCampaign, selection: Selection) -> None:
    """The campaign, the keys it is for, and the least number of pages that they need."""
    text = shortest(campaign, gaps_of(campaign))
    if len(text) > LONGEST:
        raise TextTooLong(_("The text is too long."), field="template")
    keys, people = _read(selection)
    if not keys:
        raise NobodyChosen(_("None of the chosen rows is there any more."))
    campaign.selected, campaign.selection_sha256 = len(keys), fingerprint(keys)
    db.session.add(campaign)
    db.session.flush()
    parts = [{"campaign_id": campaign.id, "number": n, "keys": part} for n, part in enumerate(chunks(keys))]
    with muted():
        db.session.execute(insert(SmsSelection), fill_tenant(db.session(), parts))
        reserve(campaign, people * pages(text)[0])


def _read(selection: Selection) -> tuple[list[int], int]:
    """The chosen keys, and how many people get something as far as is known now."""
    keys: list[int] = []
    seen: set[str] = set()
    for row in db.session.execute(candidates(selection.audience, selection.condition(), brief=True)):
        keys.append(row.key)
        refusal_of(row, seen)
    return keys, len(seen)
