"""Monthly page quotas, their usage, and the ledger of reserved, captured and released pages."""

from __future__ import annotations

from datetime import datetime

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.clock import now
from models.base import AppendOnly, Authored, Row, Tenant, Versioned, field, reads
from models.member import Member
from models.types import Choice, Key, UtcDateTime, choice


class LedgerKind(Choice):
    RESERVE = "reserve", _("Held")
    CAPTURE = "capture", _("Spent")
    RELEASE = "release", _("Given back")


_OF_MESSAGE = text("message_id IS NOT NULL")


class SmsLedger(Row, Tenant, AppendOnly, Model):
    """Ledger in pages; entries without a message belong to the campaign's own reservation."""

    __tablename__ = "sms_ledger"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index(
            "uq_sms_ledger_message_id_kind",
            "message_id",
            "kind",
            unique=True,
            postgresql_where=_OF_MESSAGE,
            sqlite_where=_OF_MESSAGE,
        ),
    )

    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("sms_campaigns.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("sms_messages.id"))
    kind: Mapped[LedgerKind] = field(_("Kind"), choice(LedgerKind))
    amount: Mapped[int] = field(_("SMS pages"), Integer)
    at: Mapped[datetime] = field(_("At"), UtcDateTime, default=now)


class SmsQuota(Row, Tenant, Authored, Versioned, Model):
    """A member's monthly pages; the organisation's limit is `Organization.sms_quota`."""

    __tablename__ = "sms_quotas"
    __table_args__ = (UniqueConstraint("organization_id", "member_id"),)

    member_id: Mapped[int] = field(_("Member"), ForeignKey("ab_user.id"))
    pages: Mapped[int] = field(_("Pages a month"), Integer)

    member: Mapped[Member] = relationship(foreign_keys="SmsQuota.member_id", info={"label": _("Member")})

    @reads("member")
    def __str__(self) -> str:
        return str(self.member)


_IS_PERSONAL = text("member_id IS NOT NULL")
_IS_COMMON = text("member_id IS NULL")


class SmsUsage(Row, Tenant, Model):
    """Pages reserved or captured in a Jalali month by a member, or by the organisation (NULL)."""

    __tablename__ = "sms_usages"
    __table_args__ = (
        CheckConstraint("used >= 0", name="used"),
        Index(
            "uq_sms_usages_personal",
            "organization_id",
            "member_id",
            "month",
            unique=True,
            postgresql_where=_IS_PERSONAL,
            sqlite_where=_IS_PERSONAL,
        ),
        Index(
            "uq_sms_usages_common",
            "organization_id",
            "month",
            unique=True,
            postgresql_where=_IS_COMMON,
            sqlite_where=_IS_COMMON,
        ),
    )

    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    month: Mapped[str] = mapped_column(String(7))
    used: Mapped[int] = field(_("SMS pages"), BigInteger, default=0)


class SmsLocalId(Model):
    """The last local id, for databases without sequences."""

    __tablename__ = "sms_local_ids"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)
