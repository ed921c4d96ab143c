"""Account records: sessions, login attempts, throttles, password resets, recovery codes, sent forms, API tokens."""

from __future__ import annotations

from datetime import datetime

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.clock import now
from models.base import Row, field
from models.member import Member
from models.types import Choice, UtcDateTime, choice


class LoginOutcome(Choice):
    """The outcome of a login attempt."""

    SUCCESS = "success", _("Logged in")
    WRONG = "wrong", _("Wrong name or password")
    LOCKED = "locked", _("Locked")
    CODE = "code", _("Wrong code")


class UserSession(Row, Model):
    """One logged-in browser; the cookie holds a random key, the row its hash."""

    __tablename__ = "user_sessions"

    id_hash: Mapped[str] = mapped_column(String(64), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    # A change of password, role or activity raises the member's epoch, which ends all earlier sessions.
    epoch: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = field(_("Since"), UtcDateTime, default=now)
    last_seen_at: Mapped[datetime] = field(_("Last seen"), UtcDateTime, default=now)
    # When the member last entered their password.
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ip: Mapped[str] = field(_("Address"), String(45), default="")
    agent: Mapped[str] = field(_("Browser"), String(300), default="")
    # The organisation in which a platform admin acts in this browser.
    acting_organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))

    member: Mapped[Member] = relationship(foreign_keys=[member_id])


class LoginEvent(Row, Model):
    """One login attempt, shown to its member."""

    __tablename__ = "login_events"
    __table_args__ = (Index("ix_login_events_member_id_at", "member_id", "at"),)

    member_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    at: Mapped[datetime] = field(_("At"), UtcDateTime, default=now)
    outcome: Mapped[LoginOutcome] = field(_("Outcome"), choice(LoginOutcome))
    ip: Mapped[str] = field(_("Address"), String(45), default="")
    agent: Mapped[str] = field(_("Browser"), String(300), default="")


class Throttle(Model):
    """The failures of one key (an account, an address) within a time window."""

    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    count: Mapped[int] = mapped_column(Integer, default=0)
    window_ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    locks: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PasswordReset(Row, Model):
    """A link to set a new password; the row stores the hash of its token, and only the newest link is valid."""

    __tablename__ = "password_resets"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # A hash of password, last login and e-mail: the link is invalid once one of them has changed.
    bound_to: Mapped[str] = mapped_column(String(64))


class RecoveryCode(Row, Model):
    """A one-time code for a member who lost the device of their second step."""

    __tablename__ = "recovery_codes"

    member_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SentForm(Model):
    """A submitted form and the row it added, so that a second submission adds no second row."""

    __tablename__ = "sent_forms"

    # A hash of member, form and nonce, so that no member can use up the nonce of another.
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[str] = mapped_column(String(64))
    row_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)


class TokenScope(Choice):
    READ = "read", _("Read only")
    WRITE = "write", _("Read and write")


class ApiToken(Row, Model):
    """A token with which a program acts as its member; the row stores its hash, the member saw it once."""

    __tablename__ = "api_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    # The first characters, by which the member recognises the token.
    prefix: Mapped[str] = field(_("Begins with"), String(12))
    member_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    name: Mapped[str] = field(_("What it is for"), String(80))
    scope: Mapped[TokenScope] = field(_("May"), choice(TokenScope), default=TokenScope.READ)
    # A change of password, role or activity raises the member's epoch, which ends all earlier tokens.
    epoch: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = field(_("Since"), UtcDateTime, default=now)
    expires_at: Mapped[datetime] = field(_("Valid until"), UtcDateTime)
    last_used_at: Mapped[datetime | None] = field(_("Last used"), UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    member: Mapped[Member] = relationship(foreign_keys=[member_id])
