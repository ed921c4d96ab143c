"""Opt-outs, the blacklist and inbound texts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, event, inspect, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, validates

from app.lib.clock import now
from app.lib.mobile import canonical_mobile, display_mobile
from app.lib.number_digest import digest_number, key_name
from app.lib.persian import persian_digits
from models.base import Authored, Row, Tenant, Versioned, field, reads
from models.customer import Customer
from models.sms.provider import SmsProvider
from models.text_rules import TextRule
from models.types import Choice, Mobile, NumberDigest, UtcDateTime, choice

# How many digits of a number stay readable, and what stands for the others.
ENDING, HIDDEN = 4, "•••"


class OptOutSource(Choice):
    INBOUND = "inbound", _("Replied 11")
    PROVIDER = "provider", _("The provider's list")
    MEMBER = "member", _("Entered by a member")


class SmsOptOut(Row, Tenant, Authored, Model):
    """A receiver's opt-out; only the receiver can revoke it. The number is stored as its digest."""

    __tablename__ = "sms_opt_outs"
    __table_args__ = (UniqueConstraint("organization_id", "number_digest"),)

    number_digest: Mapped[str] = mapped_column(NumberDigest)
    # The last digits, by which members recognise an entry; none for an erased customer.
    ending: Mapped[str] = mapped_column(String(4), default="", server_default="")
    # The key of the digest: a start with another key is refused, since no opt-out would be found.
    key_name: Mapped[str] = mapped_column(String(8), default=key_name)
    source: Mapped[OptOutSource] = field(_("Source"), choice(OptOutSource), default=OptOutSource.MEMBER)
    at: Mapped[datetime] = field(_("At"), UtcDateTime, default=now)

    @classmethod
    def of_number(cls, raw: str, **fields: Any) -> SmsOptOut:
        """The entry of a number in any spelling."""
        number = canonical_mobile(raw)
        return cls(number_digest=digest_number(number), ending=number[-ENDING:], **fields)

    @property
    @reads("ending")
    def number(self) -> str:
        return f"{HIDDEN}{persian_digits(self.ending)}"

    @reads("number")
    def __str__(self) -> str:
        return self.number


class SmsBlock(Row, Tenant, Authored, Versioned, Model):
    """The organisation's blacklist."""

    __tablename__ = "sms_blocks"
    __table_args__ = (UniqueConstraint("organization_id", "mobile"),)

    mobile: Mapped[str] = field(_("Mobile"), Mobile)
    reason: Mapped[str] = field(_("Reason"), String(200), default="", folded=True)

    @validates("mobile")
    def _canonical(self, _key: str, raw: str) -> str:
        return canonical_mobile(raw)

    @reads("mobile")
    def __str__(self) -> str:
        # No-break spaces join the groups of digits to one number, which right-to-left text would put in reverse order.
        return display_mobile(self.mobile).replace(" ", "\u00a0")


class SmsInbound(Row, Model):
    """A text to one of the platform's lines; it concerns the organisations that sent messages to its number."""

    __tablename__ = "sms_inbound"
    __table_args__ = (
        UniqueConstraint("provider_id", "provider_message_id"),
        Index("ix_sms_inbound_mobile_received_at", "mobile", "received_at", "id"),
    )

    provider_id: Mapped[int] = mapped_column(ForeignKey("sms_providers.id"))
    provider_message_id: Mapped[str] = mapped_column(String(64))
    mobile: Mapped[str] = field(_("Mobile"), Mobile)
    line: Mapped[str] = field(_("Line"), String(30), default="")
    text: Mapped[str] = field(_("Text"), Text, text=TextRule.VERBATIM)
    received_at: Mapped[datetime] = field(_("At"), UtcDateTime, default=now)

    provider: Mapped[SmsProvider] = relationship()


@event.listens_for(Session, "before_flush")
def _follow_marks(session: Session, _context: Any, _instances: Any) -> None:
    """Synchronizes the opt-out list with `Customer.opted_out` in both directions; the list takes precedence."""
    for row in [*session.new, *session.dirty]:
        if not isinstance(row, Customer):
            continue
        fields: Any = inspect(row).attrs
        is_another = row in session.new or fields.mobile.history.has_changes()
        if is_another or fields.opted_out.history.has_changes():
            _follow_mark(session, row, is_another=is_another)


def _follow_mark(session: Session, customer: Customer, *, is_another: bool) -> None:
    if customer.erased_at is not None:
        # The number of an erased customer belongs to no one any more.
        return
    source = _source_of(session, customer)
    if customer.opted_out and source is None:
        entry = SmsOptOut.of_number(customer.mobile, source=OptOutSource.MEMBER)
        entry.organization_id = customer.organization_id
        session.add(entry)
    elif source is not None and not customer.opted_out:
        if is_another or source is not OptOutSource.MEMBER:
            customer.opted_out = True
        else:
            listed = SmsOptOut.__table__.delete().where(*_entry_of(customer))
            session.connection().execute(listed)


def _source_of(session: Session, customer: Customer) -> OptOutSource | None:
    # Core statements bypass the row scope: a consultant sees some customers, but the list covers all of them.
    statement = select(SmsOptOut.__table__.c.source).where(*_entry_of(customer))
    return session.connection().execute(statement).scalar()


def _entry_of(customer: Customer) -> tuple[Any, Any]:
    columns = SmsOptOut.__table__.c
    return columns.organization_id == customer.organization_id, columns.number_digest == customer.mobile
