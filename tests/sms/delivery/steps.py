"""Helpers of the delivery tests: the clock, and fresh reads of rows."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select, update

from app.lib import clock
from models.sms.campaign import SmsCampaign
from models.sms.message import SmsMessage
from models.sms.provider import SmsProviderHealth

# Noon in Tehran today, within all sending hours. Attempts and leases use the real clock, so the app's clock must be
# on the same day.
NOON = datetime.combine(datetime.now(UTC).date(), time(8, 30), UTC)


def later(session, seconds):
    """Let time pass: moves the app's clock forward, and times that use the database's clock back."""
    clock.start_at(clock.now() + timedelta(seconds=seconds))
    for name in ("lease_until", "look_up_after"):
        column = getattr(SmsMessage, name)
        for key, value in session.execute(select(SmsMessage.id, column).where(column.is_not(None))).all():
            moved = {name: value - timedelta(seconds=seconds)}
            session.execute(update(SmsMessage).where(SmsMessage.id == key).values(**moved))
    for health in session.scalars(select(SmsProviderHealth)):
        for name in ("open_until", "stop_until"):
            if getattr(health, name):
                setattr(health, name, getattr(health, name) - timedelta(seconds=seconds))
    session.commit()


def message_of(session, key):
    session.expire_all()
    return session.scalars(select(SmsMessage).where(SmsMessage.campaign_id == key)).first()


def get(session, key):
    session.expire_all()
    return session.get(SmsCampaign, key)
