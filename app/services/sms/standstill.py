"""The sentence for members while no provider account takes messages."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.services.sms.provider import any_is_usable
from models.sms.provider import ProviderStop, SmsProvider, SmsProviderHealth


def standstill() -> str | None:
    """Why messages wait although there is an account; None while one of them takes messages."""
    statement = (
        select(SmsProviderHealth.stop)
        .join(SmsProvider)
        .where(SmsProvider.is_enabled, SmsProviderHealth.stop.is_not(None))
    )
    stops = set(db.session.scalars(statement)) - {ProviderStop.BUSY}
    if not stops or any_is_usable():
        return None
    if ProviderStop.CREDIT in stops:
        return _(
            "The SMS provider's credit has ended; messages wait and leave by themselves after it is charged."
        )
    return _(
        "The SMS provider refuses the account; messages wait and leave when the platform admin set it right."
    )
