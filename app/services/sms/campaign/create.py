"""Creates campaigns and counts their messages by state."""

from __future__ import annotations

from collections import Counter
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
from app.lib.persian import group_number
from app.lib.sms_text.size import size_of
from app.services.audit.record import muted
from app.services.sms.campaign.control import cancel, pause, resume
from app.services.sms.campaign.prepare import prepare_chunk, resolved_variables_of
from app.services.sms.campaign.recipients import Selection, candidates, chunks, exclusion_reason, fingerprint
from app.services.sms.campaign.text import CampaignText
from app.services.sms.delivery.manual_review import decide
from app.services.sms.lease import DISPATCH_TASK, PREPARE_TASK, begin_writing
from app.services.sms.quota import reserve, this_month
from app.services.sms.sending_hours import next_opening
from app.services.sms.text.limits import current_limits
from app.services.sms.text.variables import MissingVariables, resolve_variables
from models.member import Member
from models.organization import Organization
from models.sms.campaign import CampaignKind, LeftOut, SmsCampaign, SmsSelection
from models.sms.message import MessageState, SmsMessage
from models.sms.template import SmsTemplate
from models.tenancy.scope import actor_of, fill_tenant

__all__ = ["CreatedCampaign", "cancel", "count_states", "create_campaign", "decide", "pause", "resume"]

# How long messages wait for a provider, counted from the first opening of the sending hours.
LIFETIME = timedelta(hours=48)
_MOST_REASONS = 6
_OF_THE_TEXT = frozenset({LeftOut.TOO_LONG, LeftOut.MISSING_VALUE})


class CreatedCampaign(NamedTuple):
    """The campaign of a form; `is_new` is False when the form was submitted before."""

    campaign: SmsCampaign
    is_new: bool


class EmptySelection(DomainError):
    """None of the selected rows is visible to the user."""


class InThePast(DomainError):
    """The scheduled time has passed."""


class NoReceiver(DomainError):
    """None of the selected rows can get the message."""


def create_campaign(
    selection: Selection,
    template: SmsTemplate,
    *,
    client_token: UUID,
    by: Member,
    kind: CampaignKind = CampaignKind.BULK,
    scheduled_at: datetime | None = None,
    needs_receiver: bool = True,
) -> CreatedCampaign:
    """Store a campaign, reserve its pages and queue its task; nothing is sent before the commit.

    A repeated *client_token* returns the existing campaign. A single message is created at once, many
    messages by a task in chunks. Without *needs_receiver*, a receiver who gets no SMS at all is left out and
    does not refuse it. Raises `MissingVariables`, `EmptySelection`, `InThePast`, `TextRefused`,
    `NoReceiver` or `QuotaExceeded`; then nothing is stored.
    """
    begin_writing()
    if (existing := find_campaign(client_token)) is not None:
        return CreatedCampaign(existing, is_new=False)
    campaign = _new_campaign(template, by, kind=kind, scheduled_at=scheduled_at)
    campaign.client_token, campaign.audience = client_token, selection.audience
    try:
        with db.session.begin_nested():
            _store(campaign, selection, needs_receiver=needs_receiver)
    except IntegrityError:
        # The same form was submitted twice at the same time.
        if (existing := find_campaign(client_token)) is None:
            raise
        return CreatedCampaign(existing, is_new=False)
    if kind is CampaignKind.SINGLE:
        with muted():
            prepare_chunk(campaign)
    enqueue_after_commit(DISPATCH_TASK if kind is CampaignKind.SINGLE else PREPARE_TASK)
    return CreatedCampaign(campaign, is_new=True)


def find_campaign(client_token: UUID) -> SmsCampaign | None:
    """The campaign that was created by the form with *client_token*."""
    return db.session.scalar(select(SmsCampaign).where(SmsCampaign.client_token == client_token))


def count_states(campaign: SmsCampaign) -> dict[MessageState, int]:
    """The number of messages per state, counted in the database."""
    statement = (
        select(SmsMessage.state, func.count().label("number"))
        .where(SmsMessage.campaign_id == campaign.id)
        .group_by(SmsMessage.state)
    )
    return {row.state: row.number for row in db.session.execute(statement)}


def _new_campaign(
    template: SmsTemplate, by: Member, *, kind: CampaignKind, scheduled_at: datetime | None
) -> SmsCampaign:
    if scheduled_at is not None and scheduled_at <= now():
        raise InThePast(_("The time to send at is over."), field="scheduled_at")
    organization = db.session.get_one(Organization, actor_of(db.session()).organization_id)
    resolved = resolve_variables(template.body, by, organization)
    if resolved.missing:
        raise MissingVariables(resolved.missing)
    return SmsCampaign(
        kind=kind,
        template_id=template.id,
        title=template.title,
        body=template.body,
        category=template.category,
        values=resolved.as_json(),
        created_by_id=by.id,
        quota_month=this_month(),
        scheduled_at=scheduled_at,
        expires_at=next_opening(organization, scheduled_at or now()) + LIFETIME,
        confirmed_at=now(),
        reserved=0,
        total=0,
    )


def _store(campaign: SmsCampaign, selection: Selection, *, needs_receiver: bool) -> None:
    """Insert the campaign and its selected keys, and reserve the minimum of pages."""
    text = CampaignText(campaign, resolved_variables_of(campaign), current_limits())
    if (refusal := text.refusal()) is not None:
        raise refusal
    keys, receivers = _read_selection(selection)
    if not keys:
        raise EmptySelection(_("None of the chosen rows is there any more."))
    _check_reach(selection, text, needs_receiver=needs_receiver)
    campaign.selected, campaign.selection_sha256 = len(keys), fingerprint(keys)
    db.session.add(campaign)
    db.session.flush()
    parts = [{"campaign_id": campaign.id, "number": n, "keys": part} for n, part in enumerate(chunks(keys))]
    with muted():
        db.session.execute(insert(SmsSelection), fill_tenant(db.session(), parts))
        reserve(campaign, receivers * size_of(text.shortest()).pages)


def _check_reach(selection: Selection, text: CampaignText, *, needs_receiver: bool) -> None:
    """Raise unless a selected row can get the message; reads rows up to the first that can."""
    reasons: Counter[str] = Counter()
    missing: dict[str, None] = {}
    statement = candidates(selection.audience, selection.condition()).execution_options(yield_per=500)
    rows = db.session.execute(statement)
    for row in rows:
        found = text.for_row(row, set())
        if found.reason is None or not (needs_receiver or found.reason in _OF_THE_TEXT):
            rows.close()
            return
        words = f"{found.reason.label}: {found.details}" if found.details else str(found.reason.label)
        reasons[words] += 1
        missing |= dict.fromkeys(found.missing)
    if sum(reasons.values()) == 1 and missing:
        raise MissingVariables(missing)
    counted = (f"{words} ({group_number(number)})" for words, number in reasons.most_common(_MOST_REASONS))
    raise NoReceiver(
        _("None of these can get this SMS. %(reasons)s"), field="template", reasons="، ".join(counted)
    )


def _read_selection(selection: Selection) -> tuple[list[int], int]:
    """(selected keys, expected number of receivers)."""
    keys: list[int] = []
    seen: set[str] = set()
    for row in db.session.execute(candidates(selection.audience, selection.condition(), brief=True)):
        keys.append(row.key)
        exclusion_reason(row, seen)
    return keys, len(seen)
