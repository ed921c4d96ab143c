"""Invariants that need Python code; they are checked on recent rows only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from app.extensions import db
from app.lib.clock import now
from app.lib.sms_text.size import size_of
from app.services.sms.sending_hours import is_open
from models.organization import Organization
from models.sms.attempt import SmsAttempt
from models.sms.campaign import Audience, SmsCampaign, SmsSelection
from models.sms.message import SmsMessage

_SINCE = timedelta(days=2)
# The time between the check of the sending hours and the call.
_GRACE = timedelta(seconds=30)
_SAMPLE = 2000


def outside_window() -> Sequence[int]:
    """Organisations with calls outside their sending hours."""
    begun = func.min(SmsAttempt.started_at)
    statement = (
        select(SmsAttempt.organization_id, SmsAttempt.request_id, begun)
        .where(SmsAttempt.started_at > datetime.now(UTC) - _SINCE)
        .group_by(SmsAttempt.organization_id, SmsAttempt.request_id)
    )
    # Unscoped, because the audit covers all organisations; only ids and times are read.
    calls = db.session.execute(statement, execution_options={"unscoped": True}).all()
    organizations = {row.id: row for row in db.session.scalars(select(Organization))}
    # Attempts use the database's clock, sending hours the app's, which a test may have shifted.
    shift = now() - datetime.now(UTC)
    wrong = {
        organization_id
        for organization_id, _request, moment in calls
        if not is_open(organizations[organization_id], moment + shift)
        and not is_open(organizations[organization_id], moment + shift - _GRACE)
    }
    return sorted(wrong)


def outside_selection() -> Sequence[int]:
    """Messages to records outside the campaign's selection."""
    # A test of an account goes to a typed number and has no selection.
    recent = select(SmsCampaign.id, SmsCampaign.audience).where(
        SmsCampaign.created_at > now() - _SINCE, SmsCampaign.provider_id.is_(None)
    )
    wrong: list[int] = []
    # Unscoped as above; only ids are read.
    for campaign_id, audience in db.session.execute(recent, execution_options={"unscoped": True}).all():
        wrong += _unselected_messages(campaign_id, audience)
    return wrong[:20]


def _unselected_messages(campaign_id: int, audience: Audience) -> list[int]:
    keys = select(SmsSelection.keys).where(SmsSelection.campaign_id == campaign_id)
    # Unscoped as above; only ids are read.
    parts = db.session.scalars(keys, execution_options={"unscoped": True})
    chosen = {key for part in parts for key in part}
    record = SmsMessage.follow_up_id if audience is Audience.FOLLOW_UPS else SmsMessage.customer_id
    statement = select(SmsMessage.id, record).where(SmsMessage.campaign_id == campaign_id)
    # Unscoped as above; only ids are read.
    rows = db.session.execute(statement, execution_options={"unscoped": True})
    return [message_id for message_id, key in rows if key not in chosen]


def wrong_page_counts() -> Sequence[int]:
    """Recent messages whose stored page count differs from their text."""
    statement = select(SmsMessage.id, SmsMessage.body, SmsMessage.segments)
    newest = statement.order_by(SmsMessage.id.desc()).limit(_SAMPLE)
    # Unscoped as above; the texts are counted, and only ids are returned.
    rows = db.session.execute(newest, execution_options={"unscoped": True})
    return [key for key, body, size in rows if size_of(body).pages != size]
