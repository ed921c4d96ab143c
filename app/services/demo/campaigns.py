"""Campaigns of the demo in all states, the numbers that get no messages, and the limits of members."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Select, select

from app.extensions import db
from app.services.bulk import insert_many
from app.services.demo.draw import Draw
from app.services.demo.names import Weighted
from app.services.sms.campaign.control import pause
from app.services.sms.campaign.create import create_campaign
from app.services.sms.campaign.prepare import prepare_chunk
from app.services.sms.campaign.recipients import Selection
from app.services.sms.consent import opt_out
from app.services.sms.quota import settle
from models.customer import Customer
from models.follow_up import FollowUp, FollowUpStatus
from models.member import Member
from models.organization import Organization
from models.sms.attempt import AttemptOutcome, SmsAttempt
from models.sms.campaign import Audience, CampaignStatus, SmsCampaign
from models.sms.consent import OptOutSource, SmsBlock, SmsInbound
from models.sms.message import MessageState, SmsMessage
from models.sms.provider import SmsProvider
from models.sms.quota import LedgerKind, SmsQuota
from models.sms.template import SmsTemplate

RECEIVERS = 20
PAGES_OF_ORGANIZATION, PAGES_OF_MEMBERS = 20_000, (600, 400)
BLOCKS = ("درخواست کتبی", "شمارهٔ همکار است")
ANSWERS = ("سلام، لطفاً فردا عصر تماس بگیرید", "ممنون، رسید")
_STATES = Weighted(
    [
        (MessageState.DELIVERED, 88),
        (MessageState.UNDELIVERED, 7),
        (MessageState.BLOCKED, 3),
        (MessageState.SENT, 2),
    ]
)
_SENT_AT, _RIALS = 11, 640


def limit_sms(draw: Draw, organization: Organization, members: Sequence[int]) -> None:
    """Add limits, numbers on the blacklist, and customers who want no messages."""
    db.session.get_one(Organization, organization.id).sms_quota = PAGES_OF_ORGANIZATION
    limits = zip(members, PAGES_OF_MEMBERS, strict=True)
    db.session.add_all(SmsQuota(member_id=key, pages=pages) for key, pages in limits)
    db.session.add_all(SmsBlock(mobile=next(draw.mobiles), reason=reason) for reason in BLOCKS)
    db.session.flush()
    newest = select(Customer.mobile).order_by(Customer.id.desc()).limit(3 * len(OptOutSource))
    mobiles = db.session.scalars(newest).all()[:: len(OptOutSource)]
    for days, (mobile, source) in enumerate(zip(mobiles, OptOutSource, strict=False), start=1):
        opt_out(mobile, source, at=draw.calendar.working_day(4 * days, hour=16))


def write_campaigns(
    draw: Draw, organization: Organization, manager: Member, texts: Sequence[SmsTemplate]
) -> None:
    """Add a campaign that is paused, one for tomorrow, and one of last week that all got, if there is a provider."""
    reminder, thanks, festival = texts[1], texts[3], texts[4]
    newest = select(FollowUp.id).order_by(FollowUp.id.desc())
    bought = newest.where(FollowUp.status == FollowUpStatus.WON)
    paused = _campaign(organization, manager, reminder, newest.where(FollowUp.not_closed()))
    if paused is not None:
        pause(paused)
        _set_time(paused, draw.calendar.working_day(1, hour=17))
    tomorrow = draw.calendar.next_working_day(hour=10)
    planned = _campaign(organization, manager, festival, newest, at=tomorrow)
    if planned is not None:
        _set_time(planned, draw.calendar.working_day(1, hour=16))
    account = db.session.scalar(select(SmsProvider).order_by(SmsProvider.id).limit(1))
    sent = _campaign(organization, manager, thanks, bought) if account is not None else None
    if account is not None and sent is not None:
        at = draw.calendar.working_day(6, hour=_SENT_AT)
        _send(draw, sent, account, at)
        _answer(sent, account, at)


def _campaign(
    organization: Organization,
    manager: Member,
    text: SmsTemplate,
    rows: Select[Any],
    *,
    at: datetime | None = None,
) -> SmsCampaign | None:
    """A campaign of *manager* whose messages are written; None without receivers."""
    keys = db.session.scalars(rows.limit(RECEIVERS)).all()
    if not keys:
        return None
    token = _token(organization, text.title)
    made = create_campaign(
        Selection(Audience.FOLLOW_UPS, keys), text, client_token=token, by=manager, scheduled_at=at
    )
    while prepare_chunk(made.campaign):
        pass
    return made.campaign


def _set_time(campaign: SmsCampaign, at: datetime) -> None:
    """Let *campaign* have been confirmed at a moment."""
    campaign.confirmed_at = campaign.created_at = at
    messages = select(SmsMessage).where(SmsMessage.campaign_id == campaign.id)
    for message in db.session.scalars(messages):
        message.created_at = at
    db.session.flush()


def _token(organization: Organization, name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"ava demo {organization.slug} {name}")


def _send(draw: Draw, campaign: SmsCampaign, account: SmsProvider, at: datetime) -> None:
    """Let the messages of *campaign* have been sent at a moment, and most of them received."""
    statement = select(SmsMessage).where(SmsMessage.campaign_id == campaign.id).order_by(SmsMessage.id)
    messages = db.session.scalars(statement).all()
    attempts = [
        {
            "message_id": message.id,
            "attempt_no": 1,
            "provider_id": account.id,
            "request_id": _token_of(campaign),
            "started_at": at,
            "finished_at": at + timedelta(seconds=2),
            "outcome": AttemptOutcome.ACCEPTED,
            "http_status": 200,
        }
        for message in messages
    ]
    if attempts:
        insert_many(SmsAttempt, attempts)
    for message in messages:
        message.state = _STATES.pick(draw.random)
        message.attempt_no, message.provider_id = 1, account.id
        message.provider_message_id = f"demo-{message.id}"
        message.cost_rials = _RIALS * message.segments
        message.accepted_at = message.created_at = at
        message.final_at = at + timedelta(minutes=1) if message.state.is_final else None
    campaign.status = CampaignStatus.FINISHED
    campaign.confirmed_at = campaign.created_at = at - timedelta(minutes=5)
    campaign.finished_at, campaign.expires_at = at + timedelta(minutes=3), at + timedelta(days=2)
    db.session.flush()
    settle(LedgerKind.CAPTURE, messages)


def _token_of(campaign: SmsCampaign) -> UUID:
    return uuid5(NAMESPACE_URL, f"ava demo campaign {campaign.id}")


def _answer(campaign: SmsCampaign, account: SmsProvider, at: datetime) -> None:
    """Answers of the first receivers."""
    first = select(SmsMessage).where(SmsMessage.campaign_id == campaign.id).order_by(SmsMessage.id)
    for number, message in enumerate(db.session.scalars(first.limit(len(ANSWERS)))):
        db.session.add(
            SmsInbound(
                provider_id=account.id,
                provider_message_id=f"demo-{message.id}",
                mobile=message.mobile,
                text=ANSWERS[number],
                received_at=at + timedelta(minutes=20 * (number + 1)),
            )
        )
    db.session.flush()
