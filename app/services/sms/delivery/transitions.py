"""What becomes of messages, written for many at once: their new state, their attempts, their pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update

from app.extensions import db
from app.services.bulk import values_table
from app.services.sms.quota import settle
from models.sms.attempt import AttemptOutcome, SmsAttempt
from models.sms.message import HANDED_OVER, UNSENT, MessageState, SmsMessage
from models.sms.quota import LedgerKind

# What a ruling may change; everything else of a message stays.
CHANGING = (
    "state",
    "provider_message_id",
    "is_doubtful",
    "goes_alone",
    "tries",
    "not_before",
    "look_up_after",
    "look_ups",
    "error_code",
    "cost_rials",
    "accepted_at",
    "final_at",
)
_CLOSING = ("outcome", "provider_code", "http_status")
_RULED = {
    "id": SmsMessage.id.type,
    "was": SmsMessage.state.type,
    "attempt_no": SmsMessage.attempt_no.type,
    **{f"new_{name}": getattr(SmsMessage, name).type for name in CHANGING},
}
_CLOSED = {
    "id": SmsAttempt.message_id.type,
    "attempt_no": SmsAttempt.attempt_no.type,
    **{f"new_{name}": getattr(SmsAttempt, name).type for name in _CLOSING},
}


@dataclass(frozen=True)
class Ruling:
    """What becomes of one message (a row of `sms_claim.COLUMNS`), and of its open attempt."""

    row: Any
    changes: dict[str, Any] = field(default_factory=dict)
    outcome: AttemptOutcome | None = None
    code: str | None = None
    http_status: int | None = None

    @property
    def state(self) -> MessageState:
        state: MessageState = self.changes.get("state", self.row.state)
        return state

    def value(self, name: str) -> Any:
        return self.changes.get(name, getattr(self.row, name))


def write(rulings: Sequence[Ruling], moment: datetime, *, lease_token: UUID | None = None) -> set[int]:
    """Write what *rulings* say, of the messages that are still as they were; returns the ids of those.

    With *lease_token* only what its holder still holds. A lease ends with any ruling.
    """
    if not rulings:
        return set()
    done = _change_messages(rulings, lease_token)
    held = [ruling for ruling in rulings if ruling.row.id in done]
    _close_attempts([ruling for ruling in held if ruling.outcome is not None], moment)
    _settle(held)
    return done


def _change_messages(rulings: Sequence[Ruling], lease_token: UUID | None) -> set[int]:
    rows = [
        (each.row.id, each.row.state, each.row.attempt_no, *(each.value(name) for name in CHANGING))
        for each in rulings
    ]
    table = values_table("ruled", _RULED, rows)
    # The same message, in the state and the attempt that the ruling is about.
    held = [
        SmsMessage.id == table.c.id,
        SmsMessage.state == table.c.was,
        SmsMessage.attempt_no == table.c.attempt_no,
    ]
    if lease_token is not None:
        held.append(SmsMessage.lease_token == lease_token)
    changes: dict[str, Any] = {name: table.c[f"new_{name}"] for name in CHANGING}
    statement = (
        update(SmsMessage)
        .where(*held)
        .values(**changes, lease_token=None, lease_owner=None, lease_until=None)
        .returning(SmsMessage.id)
        .execution_options(synchronize_session=False)
    )
    return set(db.session.scalars(statement))


def _close_attempts(rulings: Sequence[Ruling], moment: datetime) -> None:
    if not rulings:
        return
    rows = [(each.row.id, each.row.attempt_no, each.outcome, each.code, each.http_status) for each in rulings]
    table = values_table("closed", _CLOSED, rows)
    db.session.execute(
        update(SmsAttempt)
        .where(
            SmsAttempt.message_id == table.c.id,
            SmsAttempt.attempt_no == table.c.attempt_no,
            SmsAttempt.finished_at.is_(None),
        )
        .values(finished_at=moment, **{name: table.c[f"new_{name}"] for name in _CLOSING})
        .execution_options(synchronize_session=False)
    )


def _settle(rulings: Sequence[Ruling]) -> None:
    """A message is paid for when the provider has it, once; one that it never had gives its pages back."""
    captured = [
        each.row for each in rulings if each.state in HANDED_OVER and each.row.state not in HANDED_OVER
    ]
    released = [each.row for each in rulings if each.state in UNSENT]
    settle(LedgerKind.CAPTURE, captured)
    settle(LedgerKind.RELEASE, released)
