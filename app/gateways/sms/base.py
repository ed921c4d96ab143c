"""What a provider of SMS owes its callers, whichever it is: answers that never promise more than is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, auto
from typing import Protocol


class Outcome(StrEnum):
    """What is known of one message after its call; only what the provider clearly said is more than unknown."""

    ACCEPTED = auto()
    REFUSED_FOR_GOOD = auto()
    REFUSED_FOR_NOW = auto()
    UNKNOWN = auto()


class Trouble(StrEnum):
    """Why an account, a line or a circuit should pause."""

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
    """A message to hand over; *mobile* is ``+989…``."""

    local_id: int
    mobile: str
    text: str


@dataclass(frozen=True)
class SendResult:
    """What became of one message; *alone*: its whole batch was refused for what may be the fault of another.

    A message with *alone* was certainly not accepted, and must be offered again by itself, since the same
    batch would be refused again.
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
    """What the provider says of a message; without a *state* it does not know it."""

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
    """A text that somebody sent to one of our lines; *mobile* is ``+989…``.

    *stamp* is the provider's own word of when, *sent_at* the moment where that word can be read.
    """

    mobile: str
    line: str
    text: str
    provider_message_id: str | None
    stamp: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True)
class ProviderAccount:
    """Where and as whom to send; *base_url* as ``https://api.kavenegar.com/v1``."""

    api_key: str = field(repr=False)
    base_url: str
    line: str


class LookUpFailed(Exception):
    """The provider did not say; that is no proof of anything."""


class Provider(Protocol):
    """One account with a provider of SMS.

    `can_look_up`: a message can be found by our local id. `is_idempotent`: the same local id again sends
    nothing more. Patterns are never found by a local id: what is unknown of them stays unknown.
    `credit_in_rials`: else the provider counts its credit in messages.
    """

    max_batch: int
    can_look_up: bool
    is_idempotent: bool
    credit_in_rials: bool

    def send(self, batch: Sequence[Outgoing]) -> list[SendResult]:
        """One call, one answer per message in the order of *batch*; never raises for what the wire does."""

    def look_up(self, local_ids: Sequence[int]) -> list[LookUpResult]:
        """What became of messages by our ids; raises `LookUpFailed`."""

    def status(self, provider_message_ids: Sequence[str]) -> list[LookUpResult]:
        """What became of messages by the provider's ids; raises `LookUpFailed`."""

    def credit(self) -> int:
        """What is left, in rials or in messages; raises `LookUpFailed`."""

    def send_pattern(self, outgoing: Outgoing, pattern: str, tokens: Sequence[str]) -> SendResult:
        """Send a text that the provider keeps, with *tokens* in its places."""

    def read_reports(self, fields: Mapping[str, str], body: bytes) -> list[DeliveryReport]:
        """What the provider posted about deliveries; nothing when it can't be read."""

    def read_inbound(self, fields: Mapping[str, str], body: bytes) -> Inbound | None:
        """The text that the provider passed on, if it is one."""
