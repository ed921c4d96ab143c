"""The interface of SMS providers and its data types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, auto
from typing import Protocol

from app.gateways.sms.limits import TextLimits


class Outcome(StrEnum):
    """The result of sending one message; anything but a clear statement of the provider is `UNKNOWN`."""

    ACCEPTED = auto()
    REFUSED_FOR_GOOD = auto()
    REFUSED_FOR_NOW = auto()
    UNKNOWN = auto()


class Trouble(StrEnum):
    """A problem of the account, the line or the connection, for which sending should pause."""

    NONE = auto()
    CREDIT = auto()
    SENDER = auto()
    BUSY = auto()
    SETUP = auto()
    TRANSPORT = auto()


class DeliveryState(StrEnum):
    ACCEPTED = auto()
    SENT = auto()
    DELIVERED = auto()
    UNDELIVERED = auto()
    BLOCKED = auto()
    FAILED = auto()
    CANCELLED = auto()


@dataclass(frozen=True)
class Outgoing:
    """A message to send; *mobile* is ``+989…``."""

    local_id: int
    mobile: str
    text: str


@dataclass(frozen=True)
class SendResult:
    """The result of sending one message.

    *alone* means that the whole batch was refused, possibly because of another message. The message was
    certainly not accepted and must be sent again by itself, because the same batch would be refused again.
    """

    local_id: int
    outcome: Outcome
    provider_message_id: str | None = None
    code: str | None = None
    trouble: Trouble = Trouble.NONE
    retry_after: float | None = None
    http_status: int | None = None
    cost_rials: int | None = None
    alone: bool = False


@dataclass(frozen=True)
class LookUpResult:
    """The provider's status of one message; *state* is None when the provider does not know the message."""

    local_id: int | None
    provider_message_id: str | None
    state: DeliveryState | None


@dataclass(frozen=True)
class DeliveryReport:
    provider_message_id: str | None
    local_id: int | None
    state: DeliveryState


@dataclass(frozen=True)
class Inbound:
    """A text received on one of our lines; *mobile* is ``+989…``.

    *stamp* is the provider's timestamp as received, *sent_at* the parsed time or None.
    """

    mobile: str
    line: str
    text: str
    provider_message_id: str | None
    stamp: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True)
class ProviderAccount:
    """Credentials of an account; *base_url* is like ``https://api.kavenegar.com/v1``."""

    api_key: str = field(repr=False)
    base_url: str
    line: str


class LookUpFailed(Exception):
    """The provider gave no usable response; nothing can be concluded from that."""


class Provider(Protocol):
    """One account with an SMS provider.

    `can_look_up`: messages can be found by our local id, except pattern messages. `is_idempotent`: a
    repeated local id sends no second message. `credit_in_rials`: otherwise credit is a number of messages.
    """

    max_batch: int
    limits: TextLimits
    can_look_up: bool
    is_idempotent: bool
    credit_in_rials: bool

    def send(self, batch: Sequence[Outgoing]) -> list[SendResult]:
        """Send *batch* in one call; returns one result per message, in order. Never raises network errors."""

    def look_up(self, local_ids: Sequence[int]) -> list[LookUpResult]:
        """The status of messages by our local ids; raises `LookUpFailed`."""

    def status(self, provider_message_ids: Sequence[str]) -> list[LookUpResult]:
        """The status of messages by the provider's ids; raises `LookUpFailed`."""

    def credit(self) -> int:
        """The remaining credit, in rials or in messages; raises `LookUpFailed`."""

    def send_pattern(self, outgoing: Outgoing, pattern: str, tokens: Sequence[str]) -> SendResult:
        """Send a template stored at the provider, filled with *tokens*."""

    def read_reports(self, fields: Mapping[str, str], body: bytes) -> list[DeliveryReport]:
        """Parse posted delivery reports; empty when the input is invalid."""

    def read_inbound(self, fields: Mapping[str, str], body: bytes) -> Inbound | None:
        """Parse a posted inbound text; None when the input is invalid."""
