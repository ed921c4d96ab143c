"""Accounts at SMS providers, shared by all organisations, and their health."""

from __future__ import annotations

from datetime import datetime

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import BigInteger, ForeignKey, Integer, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, synonym

from models.base import Row, Timestamps, Versioned, field, reads
from models.types import Choice, UtcDateTime, choice


class ProviderKind(Choice):
    KAVENEGAR = "kavenegar", _("Kavenegar")
    SMSIR = "smsir", _("SMS.ir")


class ProviderStop(Choice):
    """The reason why an account is stopped; all but `busy` last until a user or new credit clears them."""

    BUSY = "busy", _("Asked for patience")
    CREDIT = "credit", _("Out of credit")
    SENDER = "sender", _("The line is refused")
    SETUP = "setup", _("The account is refused")


class SmsProvider(Row, Timestamps, Versioned, Model):
    """One account with one line; messages go to the first available account by `position`."""

    __tablename__ = "sms_providers"

    name: Mapped[str] = field(_("Name"), String(80), unique=True)
    kind: Mapped[ProviderKind] = field(_("Provider"), choice(ProviderKind), default=ProviderKind.KAVENEGAR)
    base_url: Mapped[str] = field(_("Address"), String(200))
    # Encrypted; never shown or logged.
    sealed_key_secret: Mapped[str] = mapped_column(String(500))
    line: Mapped[str] = field(_("Line"), String(30), default="")
    # Digest of the secret in the webhook address.
    report_hash: Mapped[str | None] = mapped_column(String(64))
    position: Mapped[int] = field(_("Position"), Integer, default=0, help=_("Smaller numbers come first."))
    is_enabled: Mapped[bool] = field(_("Enabled"), default=True)
    # Set by the account's certification; both are False until it is proven.
    can_look_up: Mapped[bool] = field(_("Finds messages by our number"), default=False)
    is_idempotent: Mapped[bool] = field(_("Drops a repeated number"), default=False)
    takes_links: Mapped[bool] = field(
        _("Takes links in texts"), default=True, help=_("Kavenegar allows them to approved accounts alone.")
    )
    calls_per_second: Mapped[int | None] = field(_("Calls a second"), Integer)

    health: Mapped[SmsProviderHealth | None] = relationship(back_populates="provider", uselist=False)

    @reads("name")
    def __str__(self) -> str:
        return self.name


class SmsProviderHealth(Model):
    """State of an account that workers update; a table of its own, to avoid conflicts with the admin's form."""

    __tablename__ = "sms_provider_health"

    provider_id: Mapped[int] = mapped_column(ForeignKey("sms_providers.id"), primary_key=True)
    # Lists expect a key named `id`.
    id: Mapped[int] = synonym("provider_id")
    # Circuit breaker: failures in a row, and the last twenty calls as bits.
    failures: Mapped[int] = field(_("Failures in a row"), Integer, default=0)
    recent: Mapped[int] = mapped_column(Integer, default=0)
    open_until: Mapped[datetime | None] = field(_("Rests until"), UtcDateTime)
    stop: Mapped[ProviderStop | None] = field(_("Stopped"), choice(ProviderStop))
    stop_code: Mapped[str | None] = mapped_column(String(40))
    stop_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = field(_("Since"), UtcDateTime)
    # The time of the next free call slot of a rate-limited account.
    next_call_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    credit_rials: Mapped[int | None] = field(_("Credit"), BigInteger)
    credit_at: Mapped[datetime | None] = field(_("Asked at"), UtcDateTime)
    rials_per_page: Mapped[float | None] = mapped_column(Numeric(12, 2, asdecimal=False))
    last_ok_at: Mapped[datetime | None] = field(_("Last answer"), UtcDateTime)
    # The number of results that arrived after their lease had expired.
    lease_conflicts: Mapped[int] = field(_("Late answers"), Integer, default=0)

    provider: Mapped[SmsProvider] = relationship(back_populates="health")
