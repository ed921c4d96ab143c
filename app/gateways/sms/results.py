"""What a provider says of messages: the result of sending, their status and delivery reports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto


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
