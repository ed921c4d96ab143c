"""Invariants that a statement can't ask for: they are held against what was done in the last days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from app.extensions import db
from app.lib.clock import now
from app.services.sms.sending_hours import is_open
from app.services.sms.text.render import pages
from models.organization import Organization
from models.sms.attempt import SmsAttempt
from models.sms.campaign import Audience, SmsCampaign, SmsSelection
from models.sms.message import SmsMessage

_SINCE = timedelta(days=2)
# From the look at the clock to the call.
_GRACE = timedelta(seconds=30)
_SAMPLE = 2000


def outside_window() -> Sequence[int]:
    """Organisations that had calls while they were closed."""
    begun = func.min(SmsAttempt.started_at)
    statement = (
        select(SmsAttempt.organization_id, SmsAttempt.request_id, begun)
        .where(SmsAttempt.started_at > datetime.now(UTC) - _SINCE)
        .group_by(SmsAttempt.organization_id, SmsAttempt.request_id)
    )
    # Ids and times of all organisations: the audit is the platform's.
    calls = db.session.execute(statement, execution_options={"unscoped": True}).all()
    organizations = {row.id: row for row in db.session.scalars(select(Organization))}
    # Attempts go by the database's clock, windows by the app's, which a test may have moved.
    shift = now() - datetime.now(UTC)
    wrong = {
        who
        for who, _request, moment in calls
        if not is_open(organizations[who], moment + shift)
        and not is_open(organizations[who], moment + shift - _GRACE)
    }
    return sorted(wrong)


def outside_selection() -> Sequence[int]:
    """Messages to records that nobody had chosen."""
    recent = select(SmsCampaign.id, SmsCampaign.audience).where(SmsCampaign.created_at > now() - _SINCE)
    wrong: list[int] = []
    # Ids alone, as above.
    for campaign_id, audience in db.session.execute(recent, execution_options={"unscoped": True}).all():
        wrong += _unselected_messages(campaign_id, audience)
    return wrong[:20]


def _unselected_messages(campaign_id: int, audience: Audience) -> list[int]:
    keys = select(SmsSelection.keys).where(SmsSelection.campaign_id == campaign_id)
    # Ids alone, as above.
    parts = db.session.scalars(keys, execution_options={"unscoped": True})
    chosen = {key for part in parts for key in part}
    record = SmsMessage.follow_up_id if audience is Audience.FOLLOW_UPS else SmsMessage.customer_id
    statement = select(SmsMessage.id, record).where(SmsMessage.campaign_id == campaign_id)
    # Ids alone, as above.
    rows = db.session.execute(statement, execution_options={"unscoped": True})
    return [message_id for message_id, key in rows if key not in chosen]


def wrong_page_counts() -> Sequence[int]:
    """Of the newest messages those whose text is not as long as was paid for."""
    statement = select(SmsMessage.id, SmsMessage.body, SmsMessage.segments)
    newest = statement.order_by(SmsMessage.id.desc()).limit(_SAMPLE)
    # Read and counted, shown to nobody: what is returned are ids.
    rows = db.session.execute(newest, execution_options={"unscoped": True})
    return [key for key, body, size in rows if pages(body)[0] != size]
