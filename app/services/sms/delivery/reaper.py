"""Step T5: expired leases, expired messages, and campaigns to start or to finish."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from app.services.job.lease import database_now
from app.services.sms.campaign.control import finish_if_done, start_scheduled
from app.services.sms.delivery.attempt import COLUMNS
from app.services.sms.delivery.transitions import Transition, apply_transitions
from app.services.sms.lease import begin_writing
from models.sms.attempt import AttemptOutcome
from models.sms.campaign import OPEN, CampaignStatus, SmsCampaign
from models.sms.message import LEASED, MessageState, SmsMessage
from models.tenancy.scope import actor_of

BATCH_SIZE = 500


def organizations_with_lost_leases() -> list[int]:
    statement = select(SmsMessage.organization_id).where(
        SmsMessage.state.in_(LEASED), SmsMessage.lease_until < database_now()
    )
    # Unscoped, because it covers all organisations. Only ids are read; messages are processed in scope.
    return list(db.session.scalars(statement.distinct(), execution_options={"unscoped": True}))


def organizations_with_open_campaigns() -> list[int]:
    statement = select(SmsCampaign.organization_id).where(SmsCampaign.status.in_(OPEN))
    # Unscoped for the same reason; only ids are read.
    return list(db.session.scalars(statement.distinct(), execution_options={"unscoped": True}))


def reap() -> int:
    """Release expired leases: claimed messages return to the queue, submitting ones become unknown. Flushes."""
    begin_writing()
    moment = database_now()
    rows = db.session.execute(
        select(*COLUMNS)
        .where(
            SmsMessage.organization_id == actor_of(db.session()).organization_id,
            SmsMessage.state.in_(LEASED),
            SmsMessage.lease_until < moment,
        )
        .limit(BATCH_SIZE)
        .with_for_update(skip_locked=True)
    ).all()
    apply_transitions([_transition(row, moment) for row in rows], moment)
    return len(rows)


def _transition(row: Any, moment: datetime) -> Transition:
    if row.state is MessageState.CLAIMED:
        return Transition(row, {"state": MessageState.QUEUED})
    changes = {
        "state": MessageState.UNKNOWN,
        "is_doubtful": True,
        "look_up_after": moment,
        "look_ups": 0,
    }
    return Transition(row, changes, AttemptOutcome.LOST)


def expire() -> int:
    """Expire queued messages whose time has passed; flushes."""
    begin_writing()
    rows = db.session.execute(
        select(*COLUMNS)
        .where(
            SmsMessage.organization_id == actor_of(db.session()).organization_id,
            SmsMessage.state == MessageState.QUEUED,
            SmsMessage.expires_at < now(),
        )
        .limit(BATCH_SIZE)
        .with_for_update(skip_locked=True)
    ).all()
    changes = {"state": MessageState.EXPIRED, "final_at": now()}
    apply_transitions([Transition(row, changes) for row in rows], database_now())
    return len(rows)


def advance_campaigns() -> int:
    """Start due campaigns and finish completed ones; flushes and returns their number."""
    begin_writing()
    started = start_scheduled()
    ending = (CampaignStatus.RUNNING, CampaignStatus.CANCELLING)
    campaigns = db.session.scalars(
        select(SmsCampaign).where(SmsCampaign.status.in_(ending)).with_for_update(skip_locked=True)
    ).all()
    return started + sum(map(finish_if_done, campaigns))
