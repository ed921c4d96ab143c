"""Claims queued messages for one worker (step T1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, and_, bindparam, or_, select, update

from app.extensions import db
from app.lib.clock import now
from app.services.job.lease import database_now
from app.services.sms.campaign.prepare import SINGLE_PRIORITY
from app.services.sms.delivery.lanes import Lane, acting_organization
from app.services.sms.lease import begin_writing, claim_lease, force_custom_plans, lease_owner
from app.services.sms.sending_hours import next_opening
from models.sms.campaign import CampaignStatus, SmsCampaign
from models.sms.message import MessageState, SmsMessage

# Rendered as literals, because a cached plan can use the partial indexes only when the state is a constant.
QUEUED = bindparam("queued", MessageState.QUEUED, SmsMessage.state.type, literal_execute=True)


@dataclass(frozen=True)
class Claim:
    """Messages leased to one worker."""

    lease_token: UUID
    ids: Sequence[int]


def claim(lane: Lane, *, provider_id: int, takes_new: bool, limit: int) -> Claim | None:
    """T1: lease the next messages of *lane*; None when there are none. Commits.

    A message with an unanswered attempt is claimed only for the account of that attempt; *takes_new* also
    allows all others.
    """
    begin_writing()
    force_custom_plans()
    if next_opening(acting_organization(), now()) > now():
        db.session.commit()
        return None
    token, moment = uuid4(), database_now()
    for is_alone, number in ((False, limit), (True, 1)):
        due = _due(lane, provider_id, takes_new=takes_new, is_alone=is_alone).limit(number).cte("due")
        values = {"lease_token": token, "lease_owner": lease_owner(), "lease_until": moment + claim_lease()}
        taken = db.session.scalars(
            update(SmsMessage)
            .where(SmsMessage.id == due.c.id)
            .values(state=MessageState.CLAIMED, **values)
            .returning(SmsMessage.id)
            .execution_options(synchronize_session=False)
        ).all()
        if taken:
            break
    db.session.commit()
    return Claim(token, taken) if taken else None


def _due(lane: Lane, provider_id: int, *, takes_new: bool, is_alone: bool) -> Select[Any]:
    doubtful_here = and_(SmsMessage.is_doubtful, SmsMessage.provider_id == provider_id)
    statement = (
        select(SmsMessage.id)
        .join(SmsCampaign, SmsCampaign.id == SmsMessage.campaign_id)
        .where(
            SmsMessage.organization_id == lane.organization_id,
            SmsCampaign.status == CampaignStatus.RUNNING,
            SmsMessage.state == QUEUED,
            SmsMessage.not_before <= now(),
            SmsMessage.expires_at > now(),
            SmsMessage.goes_alone.is_(is_alone),
            or_(doubtful_here, ~SmsMessage.is_doubtful) if takes_new else doubtful_here,
        )
        .with_for_update(of=SmsMessage, skip_locked=True)
    )
    if lane.campaign_id is None:
        single = statement.where(SmsMessage.priority == SINGLE_PRIORITY, SmsCampaign.provider_id.is_(None))
        return single.order_by(SmsMessage.not_before, SmsMessage.id)
    bulk = statement.where(SmsMessage.campaign_id == lane.campaign_id)
    return bulk.order_by(SmsMessage.not_before, SmsMessage.id)
