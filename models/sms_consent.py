"""Who wants no messages, whom the organisation wants to spare, and what people wrote back."""

from __future__ import annotations

from datetime import datetime

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.lib.clock import now
from app.lib.mobile import canonical_mobile
from models.base import Authored, Row, Tenant, Versioned, field
from models.sms_provider import SmsProvider
from models.types import Choice, Mobile, UtcDateTime, choice


class OptOutSource(Choice):
    INBOUND = "inbound", _("Replied 11")
    PROVIDER = "provider", _("The provider's list")
    MEMBER = "member", _("Entered by a member")


class SmsOptOut(Row, Tenant, Authored, Model):
    """The receiver's own will; only he takes it back."""

    __tablename__ = "sms_opt_outs"
    __table_args__ = (UniqueConstraint("organization_id", "mobile"),)

    mobile: Mapped[str] = field(_("Mobile"), Mobile)
    source: Mapped[OptOutSource] = field(_("Source"), choice(OptOutSource), default=OptOutSource.MEMBER)
    at: Mapped[datetime] = field(_("At"), UtcDateTime, default=now)

    @validates("mobile")
    def _canonical(self, _key: str, raw: str) -> str:
        return canonical_mobile(raw)


class SmsBlock(Row, Tenant, Authored, Versioned, Model):
    """The organisation's blacklist."""

    __tablename__ = "sms_blocks"
    __table_args__ = (UniqueConstraint("organization_id", "mobile"),)

    mobile: Mapped[str] = field(_("Mobile"), Mobile)
    reason: Mapped[str] = field(_("Reason"), String(200), default="")

    @validates("mobile")
    def _canonical(self, _key: str, raw: str) -> str:
        return canonical_mobile(raw)


class SmsInbound(Row, Model):
    """A message to one of the platform's lines; which organisations it concerns follows from whom they wrote to."""

    __tablename__ = "sms_inbound"
    __table_args__ = (UniqueConstraint("provider_id", "provider_message_id"),)

    provider_id: Mapped[int] = mapped_column(ForeignKey("sms_providers.id"))
    provider_message_id: Mapped[str] = mapped_column(String(64))
    mobile: Mapped[str] = field(_("Mobile"), Mobile, index=True)
    line: Mapped[str] = field(_("Line"), String(30), default="")
    text: Mapped[str] = field(_("Text"), Text)
    received_at: Mapped[datetime] = field(_("At"), UtcDateTime, default=now)

    provider: Mapped[SmsProvider] = relationship()
