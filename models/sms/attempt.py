"""Send attempts, decisions on unanswered attempts, and delivery reports."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.clock import now
from models.base import AppendOnly, Row, Tenant, field
from models.member import Member
from models.sms.message import SmsMessage
from models.sms.provider import SmsProvider
from models.types import Choice, UtcDateTime, choice


class AttemptOutcome(Choice):
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused for good")
    LATER = "later", _("Refused for now")
    UNKNOWN = "unknown", _("Without an answer")
    # The worker died before it recorded a result.
    LOST = "lost", _("Lost")


class SmsAttempt(Tenant, Model):
    """One message in one call; inserted before the call, closed with its result."""

    __tablename__ = "sms_attempts"
    __table_args__ = (
        Index(
            "uq_sms_attempts_open",
            "message_id",
            unique=True,
            postgresql_where=text("finished_at IS NULL"),
            sqlite_where=text("finished_at IS NULL"),
        ),
    )

    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("sms_messages.id"), primary_key=True)
    attempt_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    provider_id: Mapped[int] = mapped_column(ForeignKey("sms_providers.id"))
    # All messages of one call have the same request id.
    request_id: Mapped[UUID] = mapped_column(Uuid)
    # Database clock.
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[AttemptOutcome | None] = field(_("Outcome"), choice(AttemptOutcome))
    http_status: Mapped[int | None] = mapped_column(Integer)
    provider_code: Mapped[str | None] = field(_("Provider's code"), String(40))

    message: Mapped[SmsMessage] = relationship()
    provider: Mapped[SmsProvider] = relationship()


class Decision(Choice):
    """The reason for another attempt after an unanswered one, or for assuming that it was sent."""

    PROVEN_ABSENT = "proven_absent", _("The provider does not have it")
    IDEMPOTENT = "idempotent", _("The provider drops repetitions")
    ASSUME_SENT = "assume_sent", _("Assume sent")
    SEND_AGAIN = "send_again", _("Send again")


class SmsDecision(Row, Tenant, AppendOnly, Model):
    __tablename__ = "sms_decisions"

    message_id: Mapped[int] = mapped_column(ForeignKey("sms_messages.id"), index=True)
    # The attempt that was decided on.
    attempt_no: Mapped[int] = mapped_column(Integer)
    decision: Mapped[Decision] = field(_("Decision"), choice(Decision))
    reason: Mapped[str] = field(_("Reason"), String(300), default="")
    by_id: Mapped[int | None] = field(_("By"), ForeignKey("ab_user.id"))
    at: Mapped[datetime] = field(_("At"), UtcDateTime, default=now)

    message: Mapped[SmsMessage] = relationship()
    by: Mapped[Member | None] = relationship(foreign_keys="SmsDecision.by_id")


_IS_WAITING = text("applied_at IS NULL")


class SmsDeliveryEvent(Row, Model):
    """A delivery report as received; its organisation is unknown until it is matched to a message."""

    __tablename__ = "sms_delivery_events"
    __table_args__ = (
        UniqueConstraint("provider_id", "event_sha256"),
        Index(
            "ix_sms_delivery_events_waiting",
            "received_at",
            postgresql_where=_IS_WAITING,
            sqlite_where=_IS_WAITING,
        ),
    )

    provider_id: Mapped[int] = mapped_column(ForeignKey("sms_providers.id"))
    provider_message_id: Mapped[str | None] = mapped_column(String(40))
    local_id: Mapped[int | None] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(20))
    event_sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
