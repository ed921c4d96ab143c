"""T5: what a worker left behind that is gone, what waited too long, and campaigns that are at their end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from app.services.job.lease import database_now
from app.services.sms.campaign.control import find_end, start_scheduled
from app.services.sms.delivery.claim import COLUMNS
from app.services.sms.delivery.transitions import Ruling, write
from app.services.sms.lease import begin_writing
from models.sms.attempt import AttemptOutcome
from models.sms.campaign import OPEN, CampaignStatus, SmsCampaign
from models.sms.message import LEASED, MessageState, SmsMessage
from models.tenancy.scope import actor_of

MOST = 500


def organizations_with_lost_leases() -> list[int]:
    statement = select(SmsMessage.organization_id).where(
        SmsMessage.state.in_(LEASED), SmsMessage.lease_until < database_now()
    )
    # Ids alone; each organisation's messages are then looked at for it.
    return list(db.session.scalars(statement.distinct(), execution_options={"unscoped": True}))


def organizations_with_open_campaigns() -> list[int]:
    statement = select(SmsCampaign.organization_id).where(SmsCampaign.status.in_(OPEN))
    # Ids alone, as above.
    return list(db.session.scalars(statement.distinct(), execution_options={"unscoped": True}))


def reap() -> int:
    """Messages whose worker is gone: taken ones wait again, those on the wire are looked up; flushes."""
    begin_writing()
    moment = database_now()
    rows = db.session.execute(
        select(*COLUMNS)
        .where(
            SmsMessage.organization_id == actor_of(db.session()).organization_id,
            SmsMessage.state.in_(LEASED),
            SmsMessage.lease_until < moment,
        )
        .limit(MOST)
        .with_for_update(skip_locked=True)
    ).all()
    write([_rule(row, moment) for row in rows], moment)
    return len(rows)


def _rule(row: Any, moment: datetime) -> Ruling:
    if row.state is MessageState.CLAIMED:
        return Ruling(row, {"state": MessageState.QUEUED})
    changes = {
        "state": MessageState.UNKNOWN,
        "is_doubtful": True,
        "look_up_after": moment,
        "look_ups": 0,
    }
    return Ruling(row, changes, AttemptOutcome.LOST)


def expire() -> int:
    """Messages that waited until their time was over; flushes."""
    begin_writing()
    rows = db.session.execute(
        select(*COLUMNS)
        .where(
            SmsMessage.organization_id == actor_of(db.session()).organization_id,
            SmsMessage.state == MessageState.QUEUED,
            SmsMessage.expires_at < now(),
        )
        .limit(MOST)
        .with_for_update(skip_locked=True)
    ).all()
    changes = {"state": MessageState.EXPIRED, "final_at": now()}
    write([Ruling(row, changes) for row in rows], database_now())
    return len(rows)


def tidy() -> int:
    """Begin what is scheduled for now, and end campaigns of which nothing is under way; flushes."""
    begin_writing()
    begun = start_scheduled()
    ending = (CampaignStatus.RUNNING, CampaignStatus.CANCELLING)
    campaigns = db.session.scalars(
        select(SmsCampaign).where(SmsCampaign.status.in_(ending)).with_for_update(skip_locked=True)
    ).all()
    return begun + sum(map(find_end, campaigns))
