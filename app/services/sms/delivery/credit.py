"""Credit that ended and came back: accounts go on by themselves once there is enough for what waits."""

from __future__ import annotations

from sqlalchemy import func, select

from app.extensions import db
from app.gateways.sms.base import LookUpFailed
from app.services.sms.campaign.control import resume_from
from app.services.sms.provider import (
    accounts_stopped_for,
    any_is_usable,
    gateway_of,
    note_credit,
    release,
)
from models.sms.campaign import CampaignStatus, PauseReason, SmsCampaign
from models.sms.message import MessageState, SmsMessage
from models.sms.provider import ProviderStop, SmsProvider
from models.tenancy.scope import Actor, acting_as

_HELD = (PauseReason.CREDIT, PauseReason.PROVIDER)


def check_credit() -> int:
    """Ask accounts without credit again, and let go on what waits for an account; commits. Returns how many campaigns."""
    for account in accounts_stopped_for(ProviderStop.CREDIT):
        left = ask_credit(account)
        if left is not None and left > 0 and left >= _need(account):
            release(account.id)
        db.session.commit()
    if not any_is_usable():
        return 0
    resumed = 0
    for organization_id in _organizations_on_hold():
        with acting_as(db.session(), Actor(organization_id)) as session:
            resumed += sum(map(resume_from, _HELD))
            session.commit()
    return resumed


def ask_credit(account: SmsProvider) -> int | None:
    """What is left (rials, or messages where the provider counts so), noted; None when it did not say."""
    try:
        left = gateway_of(account).credit()
    except LookUpFailed:
        return None
    note_credit(account.id, left)
    return left


def _need(account: SmsProvider) -> float:
    """What waits, at the last known price of a page, or in pages where the provider counts messages."""
    price = account.health.rials_per_page if account.health else None
    if not gateway_of(account).credit_in_rials:
        price = 1
    statement = (
        select(func.coalesce(func.sum(SmsMessage.segments), 0))
        .join(SmsCampaign, SmsCampaign.id == SmsMessage.campaign_id)
        .where(
            SmsMessage.state == MessageState.QUEUED,
            SmsCampaign.status == CampaignStatus.PAUSED,
            SmsCampaign.pause_reason == PauseReason.CREDIT,
        )
    )
    # A sum over all organisations: the account is the platform's.
    pages = db.session.scalar(statement, execution_options={"unscoped": True})
    return (price or 0) * int(pages or 0)


def _organizations_on_hold() -> list[int]:
    statement = select(SmsCampaign.organization_id).where(
        SmsCampaign.status == CampaignStatus.PAUSED, SmsCampaign.pause_reason.in_(_HELD)
    )
    # Ids alone; each organisation's campaigns then go on for it.
    return list(db.session.scalars(statement.distinct(), execution_options={"unscoped": True}))
