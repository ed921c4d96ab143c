"""Inbound texts: stored once, their keyword applied in the organisations that write to the sender."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import uuid4

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from app.extensions import db
from app.gateways.sms.base import Inbound
from app.lib.clock import now
from app.lib.sms_text.keyword import Keyword, keyword_of
from app.services.sms.consent import opt_in, opt_out
from models.sms.consent import OptOutSource, SmsInbound
from models.sms.message import SmsMessage
from models.sms.provider import SmsProvider
from models.tenancy.scope import Actor, acting_as

_MAX_TEXTS = 50
_LINE_LENGTH = 30


def receive_inbound(account: SmsProvider, inbound: Inbound) -> bool:
    """Apply the keyword of an inbound text, then store the text once; returns whether it was new. Commits.

    The text is stored last: where the process ends before, the provider sends it again, and nothing of it was lost.
    """
    row = SmsInbound(provider_id=account.id, provider_message_id=_identity(inbound), mobile=inbound.mobile)
    row.line, row.text = inbound.line[:_LINE_LENGTH], inbound.text
    # A provider's clock may be ahead of ours; uncapped, such a text would override later ones.
    row.received_at = min(inbound.sent_at, now()) if inbound.sent_at else now()
    if _is_stored(row):
        return False
    keyword, at = keyword_of(inbound.text), row.received_at if inbound.sent_at else None
    is_late = keyword is Keyword.STOP and at is not None and _was_revoked(row)
    if keyword is not None and not is_late:
        for organization_id in _organizations_writing_to(row):
            with acting_as(db.session(), Actor(organization_id)) as session:
                _apply_keyword(keyword, row.mobile, at)
                session.commit()
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        # The same text, posted twice at the same moment.
        return False
    db.session.commit()
    return True


def _is_stored(row: SmsInbound) -> bool:
    """Whether the text *row* came before."""
    same = select(SmsInbound.id).where(
        SmsInbound.provider_id == row.provider_id, SmsInbound.provider_message_id == row.provider_message_id
    )
    return db.session.scalar(same) is not None


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


def _organizations_writing_to(row: SmsInbound) -> list[int]:
    """The organisations that have sent messages to the sender of *row* through this account, or an earlier one of its line."""
    account = aliased(SmsProvider)
    of_line = (SmsProvider.line == account.line) & (account.line != "") & (SmsProvider.kind == account.kind)
    accounts = select(SmsProvider.id).join(account, or_(SmsProvider.id == account.id, of_line))
    statement = select(SmsMessage.organization_id).where(
        SmsMessage.provider_id.in_(accounts.where(account.id == row.provider_id)),
        SmsMessage.mobile == row.mobile,
    )
    # Unscoped, because a line belongs to no organisation. Only ids are read; each list is then changed in scope.
    return list(db.session.scalars(statement.distinct(), execution_options={"unscoped": True}))
