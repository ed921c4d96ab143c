"""The queue of outgoing mails; no mail is lost while the mail server is unreachable."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.clock import now
from models.base import Row, field
from models.member import Member
from models.types import Choice, UtcDateTime, choice


class MailKind(Choice):
    """The kind of a mail; its text is built when it is sent, so that the queue contains no secrets."""

    PASSWORD_RESET = "password_reset", _("Link for a new password")
    PASSWORD_CHANGED = "password_changed", _("Notice of a new password")
    INVITATION = "invitation", _("Invitation")


class MailStatus(Choice):
    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


class OutgoingMail(Row, Model):
    __tablename__ = "outgoing_mails"
    __table_args__ = (Index("ix_outgoing_mails_due", "status", "due_at"),)

    kind: Mapped[MailKind] = field(_("Kind"), choice(MailKind))
    member_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    address: Mapped[str] = field(_("E-mail"), String(320))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    status: Mapped[MailStatus] = field(_("Status"), choice(MailStatus), default=MailStatus.QUEUED)
    attempts: Mapped[int] = field(_("Attempts"), Integer, default=0)
    created_at: Mapped[datetime] = field(_("Queued at"), UtcDateTime, default=now)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    sent_at: Mapped[datetime | None] = field(_("Sent at"), UtcDateTime)

    member: Mapped[Member] = relationship(foreign_keys=[member_id])
