"""The interface of SMS providers and the messages that pass through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.gateways.sms.limits import TextLimits
from app.gateways.sms.results import DeliveryReport, LookUpResult, SendResult


@dataclass(frozen=True)
class Outgoing:
    """A message to send; *mobile* is ``+989…``."""

    local_id: int
    mobile: str
    text: str


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
