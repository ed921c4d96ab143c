"""Campaigns with their text and their selected rows, as they were when the campaign was confirmed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Authored, Row, Tenant, Versioned, field, reads, set_index
from models.member import Member
from models.sms.template import SmsCategory, SmsTemplate
from models.text_rules import TextRule
from models.types import Choice, Mobile, UtcDateTime, choice

if TYPE_CHECKING:
    from models.sms.message import SmsMessage


class CampaignKind(Choice):
    SINGLE = "single", _("One message")
    BULK = "bulk", _("Many messages")


class CampaignStatus(Choice):
    """Status of a campaign; messages are sent in `running` only."""

    PREPARING = "preparing", _("Being prepared")
    SCHEDULED = "scheduled", _("Scheduled")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    CANCELLING = "cancelling", _("Being cancelled")
    CANCELLED = "cancelled", _("Cancelled")
    FINISHED = "finished", _("Finished")


class PauseReason(Choice):
    USER = "user", _("Paused by hand")
    CREDIT = "credit", _("The provider's credit has ended")
    PROVIDER = "provider", _("No provider takes messages")
    QUOTA = "quota", _("The quota is used up")


class Audience(Choice):
    """The table that a selection's keys belong to."""

    FOLLOW_UPS = "follow_ups", _("Follow-ups")
    CUSTOMERS = "customers", _("Customers")


class LeftOut(Choice):
    """The reason why a receiver was excluded or a message was cancelled."""

    OPTED_OUT = "opted_out", _("Has opted out")
    BLOCKED = "blocked", _("On the blacklist")
    INVALID = "invalid", _("Invalid mobile number")
    MISSING_VALUE = "missing_value", _("A variable is empty")
    REPEATED = "repeated", _("The number is there already")
    GONE = "gone", _("No longer within reach")
    TOO_LONG = "too_long", _("The text is too long")
    CANCELLED = "cancelled", _("Cancelled by hand")


OPEN = frozenset(CampaignStatus) - {CampaignStatus.CANCELLED, CampaignStatus.FINISHED}
_IS_OPEN = text("status IN ('preparing', 'scheduled', 'running', 'paused', 'cancelling')")


class SmsCampaign(Row, Tenant, Authored, Versioned, Model):
    __tablename__ = "sms_campaigns"
    __table_args__ = (
        # Idempotency: a double click, the back button or a repeated POST creates one campaign.
        UniqueConstraint("organization_id", "client_token"),
        Index(
            "ix_sms_campaigns_open",
            "organization_id",
            "status",
            postgresql_where=_IS_OPEN,
            sqlite_where=_IS_OPEN,
        ),
    )

    client_token: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[CampaignKind] = field(_("Kind"), choice(CampaignKind), default=CampaignKind.BULK)
    status: Mapped[CampaignStatus] = field(
        _("Status"), choice(CampaignStatus), default=CampaignStatus.PREPARING
    )
    pause_reason: Mapped[PauseReason | None] = field(_("Reason"), choice(PauseReason))
    # Of a test: the account that alone may send it.
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("sms_providers.id"), index=True)
    template_id: Mapped[int | None] = field(_("SMS title"), ForeignKey("sms_templates.id"), index=True)
    # Copies from the template; later edits of the template do not change the campaign.
    title: Mapped[str] = field(_("Title"), String(80), default="", folded=True)
    body: Mapped[str] = field(_("Text"), Text, text=TextRule.MESSAGE)
    category: Mapped[SmsCategory] = field(_("Category"), choice(SmsCategory), default=SmsCategory.SERVICE)
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    audience: Mapped[Audience] = mapped_column(choice(Audience), default=Audience.FOLLOW_UPS)
    selection_sha256: Mapped[str] = mapped_column(String(64), default="")
    selected: Mapped[int] = field(_("Chosen"), Integer, default=0)
    total: Mapped[int] = field(_("Messages"), Integer, default=0)
    # The number of processed chunks, saved with each chunk, so that a killed task continues there.
    next_chunk: Mapped[int] = mapped_column(Integer, default=0)
    # Pages reserved for the campaign itself, before they are moved to its messages.
    reserved: Mapped[int] = mapped_column(Integer, default=0)
    quota_month: Mapped[str] = mapped_column(String(7), default="")
    scheduled_at: Mapped[datetime | None] = field(_("Send at"), UtcDateTime)
    expires_at: Mapped[datetime] = field(_("Send until"), UtcDateTime)
    confirmed_at: Mapped[datetime] = field(_("Confirmed at"), UtcDateTime)
    cancelled_at: Mapped[datetime | None] = field(_("Cancelled at"), UtcDateTime)
    finished_at: Mapped[datetime | None] = field(_("Finished at"), UtcDateTime)

    template: Mapped[SmsTemplate | None] = relationship(info={"label": _("SMS title")})
    sender: Mapped[Member | None] = relationship(foreign_keys="SmsCampaign.created_by_id")
    messages: Mapped[list[SmsMessage]] = relationship(back_populates="campaign")
    chunks: Mapped[list[SmsSelection]] = relationship(back_populates="campaign")
    exclusions: Mapped[list[SmsExclusion]] = relationship(back_populates="campaign")

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return cls.created_by_id == member_id

    @property
    @reads("status")
    def is_open(self) -> bool:
        return self.status in OPEN

    @classmethod
    def filter_choices(cls, statement: Select[Any], _session: Session) -> Select[Any]:
        """The campaigns to filter messages by, newest first, without those of single messages."""
        return statement.where(cls.kind == CampaignKind.BULK).order_by(cls.id.desc())

    @reads("title")
    def __str__(self) -> str:
        return self.title


class SmsSelection(Row, Tenant, Model):
    """One chunk of a campaign's selected keys."""

    __tablename__ = "sms_selections"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("sms_campaigns.id"))
    number: Mapped[int] = mapped_column(Integer)
    keys: Mapped[list[int]] = mapped_column(JSON)

    campaign: Mapped[SmsCampaign] = relationship(back_populates="chunks")


class SmsExclusion(Row, Tenant, Model):
    """A selected row that gets no message, and the reason; shown on the timeline of its follow-up."""

    __tablename__ = "sms_exclusions"
    __table_args__ = (
        # The timelines of a customer and of a follow-up.
        set_index("ix_sms_exclusions_customer", "customer_id", "at", "id"),
        set_index("ix_sms_exclusions_follow_up", "follow_up_id", "at", "id"),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("sms_campaigns.id"), index=True)
    # Without foreign keys, because the rows may be deleted.
    follow_up_id: Mapped[int | None] = mapped_column(BigInteger)
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    mobile: Mapped[str | None] = field(_("Mobile"), Mobile)
    reason: Mapped[LeftOut] = field(_("Reason"), choice(LeftOut))
    details: Mapped[str] = field(_("Details"), String(200), default="")
    at: Mapped[datetime] = field(_("At"), UtcDateTime)

    campaign: Mapped[SmsCampaign] = relationship(back_populates="exclusions")
