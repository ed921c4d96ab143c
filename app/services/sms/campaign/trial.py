"""Test messages of provider accounts, which pass through the queue as all messages do."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from flask_babel import gettext as _

from app.extensions import db
from app.gateways.sms.registry import limits_of
from app.gateways.task_queue import enqueue_after_commit
from app.lib.clock import now
from app.lib.mobile import canonical_mobile
from app.lib.sms_text.size import size_of
from app.services.sms.campaign.create import LIFETIME
from app.services.sms.campaign.prepare import SINGLE_PRIORITY, write_messages
from app.services.sms.delivery.responses import MAX_TRIES
from app.services.sms.lease import DISPATCH_TASK, begin_writing
from app.services.sms.quota import this_month
from app.services.sms.sending_hours import next_opening
from app.services.sms.text.limits import check_text
from models.member import Member
from models.organization import Organization
from models.sms.campaign import Audience, CampaignKind, CampaignStatus, SmsCampaign
from models.sms.message import MessageState
from models.sms.provider import SmsProvider
from models.sms.template import SmsCategory
from models.tenancy.scope import actor_of


def queue_trial(account: SmsProvider, mobile: str, text: str, *, by: Member) -> SmsCampaign:
    """Queue *text* for *account* alone, as a message of the organisation in which *by* acts.

    It is tried once, also where the account is switched off or stopped. Raises `DomainError` where the provider
    would refuse the text, or where the quota is used up.
    """
    check_text(text, replace(limits_of(account.kind), takes_links=account.takes_links), field="body")
    begin_writing()
    organization = db.session.get_one(Organization, actor_of(db.session()).organization_id)
    campaign = SmsCampaign(
        client_token=uuid4(),
        kind=CampaignKind.SINGLE,
        status=CampaignStatus.RUNNING,
        provider_id=account.id,
        title=_("Test of %(name)s", name=account.name)[:80],
        body=text,
        category=SmsCategory.PATTERN,
        values={},
        audience=Audience.CUSTOMERS,
        created_by_id=by.id,
        quota_month=this_month(),
        expires_at=next_opening(organization, now()) + LIFETIME,
        confirmed_at=now(),
        selected=1,
        total=0,
        reserved=0,
    )
    db.session.add(campaign)
    db.session.flush()
    write_messages(campaign, [_message(campaign, canonical_mobile(mobile))])
    db.session.flush()
    enqueue_after_commit(DISPATCH_TASK)
    return campaign


def _message(campaign: SmsCampaign, mobile: str) -> dict[str, object]:
    return {
        "campaign_id": campaign.id,
        "customer_id": None,
        "follow_up_id": None,
        "mobile": mobile,
        "body": campaign.body,
        "segments": size_of(campaign.body).pages,
        "state": MessageState.QUEUED,
        "priority": SINGLE_PRIORITY,
        "not_before": campaign.confirmed_at,
        "expires_at": campaign.expires_at,
        "created_by_id": campaign.created_by_id,
        # A refusal for now is a result of the test, so nothing is tried again.
        "tries": MAX_TRIES,
    }
