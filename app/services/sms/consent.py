"""Who wants no messages: said by himself, by his provider, or to a member."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import and_, exists, select, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.gateways.sms.base import Inbound
from app.lib.clock import now
from app.lib.mobile import canonical_mobile
from app.lib.sms_keyword import Keyword, keyword_of
from models.customer import Customer
from models.sms.consent import OptOutSource, SmsInbound, SmsOptOut
from models.sms.message import SmsMessage
from models.sms.provider import SmsProvider
from models.tenancy.scope import Actor, acting_as, whole_organization
from models.trash import on_trash_change

_MOST_TEXTS = 50
_LONGEST_LINE = 30


def opt_out(mobile: str, source: OptOutSource, *, at: datetime | None = None) -> bool:
    """Send nothing more to *mobile*, from now on and whatever is queued; False when it was so already."""
    number, moment = canonical_mobile(mobile), at or now()
    with whole_organization(db.session()):
        _mark(number, opted_out=True)
        try:
            with db.session.begin_nested():
                db.session.add(SmsOptOut(mobile=number, source=source, at=moment))
        except IntegrityError:
            later = update(SmsOptOut).where(SmsOptOut.mobile == number, SmsOptOut.at < moment)
            db.session.execute(later.values(at=moment))
            return False
    return True


def find_opt_out(mobile: str) -> SmsOptOut | None:
    """The entry of *mobile* on the organisation's list."""
    return db.session.scalar(select(SmsOptOut).where(SmsOptOut.mobile == canonical_mobile(mobile)))


def opt_in(mobile: str, *, at: datetime | None = None) -> None:
    """The receiver wants messages again; an opt-out of the same moment as *at*, or a later one, stays."""
    number = canonical_mobile(mobile)
    with whole_organization(db.session()):
        found = db.session.scalar(select(SmsOptOut).where(SmsOptOut.mobile == number))
        if found is not None and at is not None and found.at >= at:
            return
        if found is not None:
            db.session.delete(found)
            db.session.flush()
        _mark(number, opted_out=False)


def _mark(number: str, *, opted_out: bool) -> None:
    changed = and_(Customer.mobile == number, Customer.opted_out.is_not(opted_out))
    values = {"opted_out": opted_out, "row_version": Customer.row_version + 1}
    db.session.execute(update(Customer).where(changed).values(**values))


def opted_out_among(mobiles: Collection[str]) -> set[str]:
    """Those of the canonical *mobiles* that stand on the organisation's list."""
    return set(db.session.scalars(select(SmsOptOut.mobile).where(SmsOptOut.mobile.in_(mobiles))))


@on_trash_change(Customer)
def follow_list(customer_ids: Sequence[int], restored: bool) -> None:  # noqa: FBT001 - the form of all watchers
    """Set the marks of customers who come back from the trash as the list has them now."""
    if not restored:
        return
    listed = exists(
        select(SmsOptOut.id).where(
            SmsOptOut.mobile == Customer.mobile, SmsOptOut.organization_id == Customer.organization_id
        )
    )
    statement = update(Customer).where(Customer.id.in_(customer_ids), Customer.opted_out != listed)
    values = {"opted_out": listed, "row_version": Customer.row_version + 1}
    db.session.execute(statement.values(**values).execution_options(synchronize_session=False))


def receive_inbound(account: SmsProvider, inbound: Inbound) -> bool:
    """Store what somebody wrote, once, and obey its keyword; returns whether it was new. Commits."""
    row = SmsInbound(provider_id=account.id, provider_message_id=_identity(inbound), mobile=inbound.mobile)
    row.line, row.text = inbound.line[:_LONGEST_LINE], inbound.text
    # No clock of a provider may run ahead: its messages would outdo all that come after.
    row.received_at = min(inbound.sent_at, now()) if inbound.sent_at else now()
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return False
    provider_id, word = account.id, keyword_of(inbound.text)
    at = row.received_at if inbound.sent_at else None
    is_late = word is Keyword.STOP and at is not None and _was_revoked(row)
    db.session.commit()
    if word is not None and not is_late:
        for organization_id in _writers(provider_id, inbound.mobile):
            with acting_as(db.session(), Actor(organization_id)) as session:
                _obey(word, inbound.mobile, at)
                session.commit()
    return True


def _identity(inbound: Inbound) -> str:
    """What makes a text the same when it is posted again; without a number and a time each is one of its own."""
    if inbound.provider_message_id:
        return inbound.provider_message_id
    if not inbound.stamp:
        return uuid4().hex
    content = f"{inbound.mobile}|{inbound.line}|{inbound.text}|{inbound.stamp}"
    return hashlib.sha256(content.encode()).hexdigest()


def _was_revoked(row: SmsInbound) -> bool:
    """Whether the sender asked for messages again after *row*, which comes late."""
    statement = select(SmsInbound.text).where(
        SmsInbound.provider_id == row.provider_id,
        SmsInbound.mobile == row.mobile,
        SmsInbound.received_at > row.received_at,
    )
    texts = db.session.scalars(statement.order_by(SmsInbound.received_at.desc()).limit(_MOST_TEXTS))
    return any(keyword_of(text) is Keyword.START for text in texts)


def _obey(word: Keyword, mobile: str, at: datetime | None) -> None:
    if word is Keyword.STOP:
        opt_out(mobile, OptOutSource.INBOUND, at=at)
    else:
        opt_in(mobile, at=at)


def _writers(provider_id: int, mobile: str) -> list[int]:
    """The organisations that have written to *mobile* by this account."""
    statement = select(SmsMessage.organization_id).where(
        SmsMessage.provider_id == provider_id, SmsMessage.mobile == mobile
    )
    # A line belongs to no organisation; ids alone are learned, and each list is then written for its own.
    return list(db.session.scalars(statement.distinct(), execution_options={"unscoped": True}))
