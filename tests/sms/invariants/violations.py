"""Helpers that violate invariants directly in the database."""

from __future__ import annotations

from datetime import time, timedelta

from sqlalchemy import insert, select, text, update

from app.services.sms.invariants.checks import check
from models.sms.attempt import SmsAttempt
from models.sms.message import SmsMessage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = time(8, 30)


def broken():
    return {finding.name for finding in check() if not finding.holds}


def alter(session, model, **values):
    """Update all rows of *model* directly in the database."""
    session.execute(update(model).values(**values).execution_options(synchronize_session=False))


def execute(session, statement):
    session.connection().execute(text(statement))


def first_message(session):
    return session.scalars(select(SmsMessage).order_by(SmsMessage.id)).first()


def drop_trigger(session):
    """Drop the trigger that refuses invalid moves."""
    on = " ON sms_messages" if session.connection().dialect.name == "postgresql" else ""
    execute(session, f"DROP TRIGGER sms_messages_move{on}")


def attempt_again(session, **values):
    first = session.scalars(select(SmsAttempt).order_by(SmsAttempt.message_id)).first()
    row = {"organization_id": first.organization_id, "message_id": first.message_id, "attempt_no": 2}
    row |= {"provider_id": first.provider_id, "request_id": first.request_id, "started_at": first.started_at}
    session.execute(insert(SmsAttempt), [row | values])
