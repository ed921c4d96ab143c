"""Checks the credit of stopped accounts, and resumes accounts and campaigns."""

from __future__ import annotations

from sqlalchemy import func, select

from app.extensions import db
from app.gateways.sms.base import LookUpFailed
from app.services.sms.campaign.control import resume_paused_for
from app.services.sms.provider import (
    accounts_stopped_for,
    any_is_usable,
    clear_stop,
    gateway_of,
    record_credit,
)
from models.sms.campaign import CampaignStatus, PauseReason, SmsCampaign
from models.sms.message import MessageState, SmsMessage
from models.sms.provider import ProviderStop, SmsProvider
from models.tenancy.scope import Actor, acting_as

_PAUSED_FOR = (PauseReason.CREDIT, PauseReason.PROVIDER)


def check_credit() -> int:
    """Resume accounts that have enough credit again, and campaigns that wait for an account.

    Commits; returns the number of resumed campaigns.
    """
    for account in accounts_stopped_for(ProviderStop.CREDIT):
        left = ask_credit(account)
        if left is not None and left > 0 and left >= _required(account):
            clear_stop(account.id)
        db.session.commit()
    if not any_is_usable():
        return 0
    resumed = 0
    for organization_id in _paused_organizations():
        with acting_as(db.session(), Actor(organization_id)) as session:
            resumed += sum(map(resume_paused_for, _PAUSED_FOR))
            session.commit()
    return resumed


def ask_credit(account: SmsProvider) -> int | None:
    """Fetch and store the account's credit, in rials or in messages; None when the provider does not respond."""
    try:
        left = gateway_of(account).credit()
    except LookUpFailed:
        return None
    record_credit(account.id, left)
    return left


def _required(account: SmsProvider) -> float:
    """The credit that the waiting messages need, in the provider's unit."""
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
    # Unscoped, because the account serves all organisations.
    pages = db.session.scalar(statement, execution_options={"unscoped": True})
    return (price or 0) * int(pages or 0)


def _paused_organizations() -> list[int]:
    statement = select(SmsCampaign.organization_id).where(
        SmsCampaign.status == CampaignStatus.PAUSED, SmsCampaign.pause_reason.in_(_PAUSED_FOR)
    )
    # Unscoped, because it covers all organisations. Only ids are read; campaigns are resumed in scope.
    return list(db.session.scalars(statement.distinct(), execution_options={"unscoped": True}))
