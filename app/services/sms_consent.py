"""Who wants no messages: said by himself, by his provider, or to a member."""

from __future__ import annotations

import hashlib
import re

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.gateways.sms_base import Inbound
from app.lib.mobile import canonical_mobile
from app.lib.persian import latin_digits
from models.customer import Customer
from models.scope import Acting, acting_as
from models.sms import SmsMessage
from models.sms_consent import OptOutSource, SmsInbound, SmsOptOut
from models.sms_provider import SmsProvider

STOP, START = "11", "12"
_WORD = re.compile(r"\D*(11|12)\D*")


def opt_out(mobile: str, source: OptOutSource) -> bool:
    """Send nothing more to *mobile*, from now on and whatever is queued; False when it was so already."""
    number = canonical_mobile(mobile)
    db.session.execute(update(Customer).where(Customer.mobile == number).values(opted_out=True))
    try:
        with db.session.begin_nested():
            db.session.add(SmsOptOut(mobile=number, source=source))
    except IntegrityError:
        return False
    return True


def find_opt_out(mobile: str) -> SmsOptOut | None:
    """The entry of *mobile* on the organisation's list."""
    return db.session.scalar(select(SmsOptOut).where(SmsOptOut.mobile == canonical_mobile(mobile)))


def opt_in(mobile: str) -> None:
    """The receiver himself wants messages again."""
    number = canonical_mobile(mobile)
    for row in db.session.scalars(select(SmsOptOut).where(SmsOptOut.mobile == number)):
        db.session.delete(row)
    db.session.execute(update(Customer).where(Customer.mobile == number).values(opted_out=False))
    db.session.flush()


def receive_inbound(account: SmsProvider, inbound: Inbound) -> bool:
    """Keep what somebody wrote, once, and obey «11» and «12»; returns whether it was new. Commits."""
    content = f"{inbound.mobile}|{inbound.line}|{inbound.text}"
    number = inbound.provider_message_id or hashlib.sha256(content.encode()).hexdigest()
    row = SmsInbound(provider_id=account.id, provider_message_id=number, mobile=inbound.mobile)
    row.line, row.text = inbound.line, inbound.text
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return False
    word = _WORD.fullmatch(latin_digits(inbound.text))
    provider_id = account.id
    db.session.commit()
    if word is not None:
        for organization_id in _writers(provider_id, inbound.mobile):
            with acting_as(db.session(), Acting(organization_id)) as session:
                _obey(word[1], inbound.mobile)
                session.commit()
    return True


def _obey(word: str, mobile: str) -> None:
    if word == STOP:
        opt_out(mobile, OptOutSource.INBOUND)
    else:
        opt_in(mobile)


def _writers(provider_id: int, mobile: str) -> list[int]:
    """The organisations that have written to *mobile* by this account."""
    statement = select(SmsMessage.organization_id).where(
        SmsMessage.provider_id == provider_id, SmsMessage.mobile == mobile
    )
    # A line belongs to no organisation; ids alone are learned, and each list is then written for its own.
    return list(db.session.scalars(statement.distinct(), execution_options={"unscoped": True}))
