"""Opt-outs, opt-ins and inbound texts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import and_, select, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.gateways.sms.base import Inbound
from app.lib.clock import now
from app.lib.mobile import canonical_mobile
from app.lib.number_digest import digest_number
from app.lib.sms_text.keyword import Keyword, keyword_of
from app.services.bulk import among
from models.customer import Customer
from models.sms.consent import OptOutSource, SmsInbound, SmsOptOut
from models.sms.message import SmsMessage
from models.sms.provider import SmsProvider
from models.tenancy.scope import Actor, acting_as, whole_organization
from models.trash import on_trash_change

_MAX_TEXTS = 50
_LINE_LENGTH = 30


def opt_out(mobile: str, source: OptOutSource, *, at: datetime | None = None) -> bool:
    """Add *mobile* to the opt-out list, which also applies to queued messages; False when it was listed."""
    number, moment = canonical_mobile(mobile), at or now()
    with whole_organization(db.session()):
        _set_marks(number, opted_out=True)
        try:
            with db.session.begin_nested():
                db.session.add(SmsOptOut.of_number(number, source=source, at=moment))
        except IntegrityError:
            later = update(SmsOptOut).where(SmsOptOut.number_digest == number, SmsOptOut.at < moment)
            db.session.execute(later.values(at=moment))
            return False
    return True


def find_opt_out(mobile: str) -> SmsOptOut | None:
    """The entry of *mobile* on the organisation's opt-out list."""
    return db.session.scalar(select(SmsOptOut).where(SmsOptOut.number_digest == canonical_mobile(mobile)))


def opt_in(mobile: str, *, at: datetime | None = None) -> None:
    """Remove *mobile* from the opt-out list, unless its entry is as recent as *at* or newer."""
    number = canonical_mobile(mobile)
    with whole_organization(db.session()):
        found = db.session.scalar(select(SmsOptOut).where(SmsOptOut.number_digest == number))
        if found is not None and at is not None and found.at >= at:
            return
        if found is not None:
            db.session.delete(found)
            db.session.flush()
        _set_marks(number, opted_out=False)


def _set_marks(number: str, *, opted_out: bool) -> None:
    changed = and_(Customer.mobile == number, Customer.opted_out.is_not(opted_out))
    values = {"opted_out": opted_out, "row_version": Customer.row_version + 1}
    db.session.execute(update(Customer).where(changed).values(**values))


def opted_out_among(mobiles: Collection[str]) -> set[str]:
    """The canonical *mobiles* that are on the organisation's opt-out list."""
    numbers = {digest_number(each): each for each in mobiles}
    listed = select(SmsOptOut.number_digest).where(among(SmsOptOut.number_digest, numbers))
    return {numbers[each] for each in db.session.scalars(listed)}


@on_trash_change(Customer)
def restore_opt_out_marks(customer_ids: Sequence[int], restored: bool) -> None:  # noqa: FBT001 - the signature of trash watchers
    """Set the opt-out marks of restored customers from the current list."""
    if not restored:
        return
    restored_ones = select(Customer.id, Customer.mobile).where(Customer.id.in_(customer_ids))
    mobiles = {row.id: row.mobile for row in db.session.execute(restored_ones)}
    listed = opted_out_among(mobiles.values())
    for is_listed in (True, False):
        keys = [key for key, mobile in mobiles.items() if (mobile in listed) is is_listed]
        differing = update(Customer).where(Customer.id.in_(keys), Customer.opted_out.is_not(is_listed))
        values = {"opted_out": is_listed, "row_version": Customer.row_version + 1}
        db.session.execute(differing.values(**values).execution_options(synchronize_session=False))


def receive_inbound(account: SmsProvider, inbound: Inbound) -> bool:
    """Store an inbound text once and apply its keyword; returns whether it was new. Commits."""
    row = SmsInbound(provider_id=account.id, provider_message_id=_identity(inbound), mobile=inbound.mobile)
    row.line, row.text = inbound.line[:_LINE_LENGTH], inbound.text
    # A provider's clock may be ahead of ours; uncapped, such a text would override later ones.
    row.received_at = min(inbound.sent_at, now()) if inbound.sent_at else now()
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return False
    provider_id, keyword = account.id, keyword_of(inbound.text)
    at = row.received_at if inbound.sent_at else None
    is_late = keyword is Keyword.STOP and at is not None and _was_revoked(row)
    db.session.commit()
    if keyword is not None and not is_late:
        for organization_id in _organizations_writing_to(provider_id, inbound.mobile):
            with acting_as(db.session(), Actor(organization_id)) as session:
                _apply_keyword(keyword, inbound.mobile, at)
                session.commit()
    return True


def _identity(inbound: Inbound) -> str:
    """The key that identifies a repeated post; random when the post has neither an id nor a time."""
    if inbound.provider_message_id:
        return inbound.provider_message_id
    if not inbound.stamp:
        return uuid4().hex
    content = f"{inbound.mobile}|{inbound.line}|{inbound.text}|{inbound.stamp}"
    return hashlib.sha256(content.encode()).hexdigest()


def _was_revoked(row: SmsInbound) -> bool:
    """Whether the sender opted in again after the late text *row*."""
    statement = select(SmsInbound.text).where(
        SmsInbound.provider_id == row.provider_id,
        SmsInbound.mobile == row.mobile,
        SmsInbound.received_at > row.received_at,
    )
    texts = db.session.scalars(statement.order_by(SmsInbound.received_at.desc()).limit(_MAX_TEXTS))
    return any(keyword_of(text) is Keyword.START for text in texts)


def _apply_keyword(keyword: Keyword, mobile: str, at: datetime | None) -> None:
    if keyword is Keyword.STOP:
        opt_out(mobile, OptOutSource.INBOUND, at=at)
    else:
        opt_in(mobile, at=at)


def _organizations_writing_to(provider_id: int, mobile: str) -> list[int]:
    """The organisations that have sent messages to *mobile* through this account."""
    statement = select(SmsMessage.organization_id).where(
        SmsMessage.provider_id == provider_id, SmsMessage.mobile == mobile
    )
    # Unscoped, because a line belongs to no organisation. Only ids are read; each list is then changed in scope.
    return list(db.session.scalars(statement.distinct(), execution_options={"unscoped": True}))
