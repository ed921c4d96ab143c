"""Applies state transitions to many messages at once, with their attempts and quota pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update

from app.extensions import db
from app.services.bulk import values_table
from app.services.notification import report
from app.services.sms.quota import settle
from models.sms.attempt import AttemptOutcome, SmsAttempt
from models.sms.message import HANDED_OVER, NOT_RECEIVED, UNSENT, MessageState, SmsMessage
from models.sms.quota import LedgerKind

# The columns that a transition may change.
MESSAGE_COLUMNS = (
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
_ATTEMPT_COLUMNS = ("outcome", "provider_code", "http_status")
_MESSAGE_TYPES = {
    "id": SmsMessage.id.type,
    "was": SmsMessage.state.type,
    "attempt_no": SmsMessage.attempt_no.type,
    **{f"new_{name}": getattr(SmsMessage, name).type for name in MESSAGE_COLUMNS},
}
_ATTEMPT_TYPES = {
    "id": SmsAttempt.message_id.type,
    "attempt_no": SmsAttempt.attempt_no.type,
    **{f"new_{name}": getattr(SmsAttempt, name).type for name in _ATTEMPT_COLUMNS},
}


@dataclass(frozen=True)
class Transition:
    """New column values of one message (a row of `claim.COLUMNS`), and the outcome of its open attempt."""

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


def apply_transitions(
    transitions: Sequence[Transition], moment: datetime, *, lease_token: UUID | None = None
) -> set[int]:
    """Write the transitions of messages whose state and attempt are unchanged; returns the ids of those.

    With *lease_token*, only messages that still have that lease are changed. Every transition ends the lease.
    """
    if not transitions:
        return set()
    done = _change_messages(transitions, lease_token)
    applied = [each for each in transitions if each.row.id in done]
    _close_attempts([each for each in applied if each.outcome is not None], moment)
    _settle(applied)
    report(SmsMessage, "state", [each.row.id for each in applied if each.state in NOT_RECEIVED])
    return done


def _change_messages(transitions: Sequence[Transition], lease_token: UUID | None) -> set[int]:
    rows = [
        (each.row.id, each.row.state, each.row.attempt_no, *(each.value(name) for name in MESSAGE_COLUMNS))
        for each in transitions
    ]
    table = values_table("ruled", _MESSAGE_TYPES, rows)
    # The message must still have the state and the attempt that the transition starts from.
    conditions = [
        SmsMessage.id == table.c.id,
        SmsMessage.state == table.c.was,
        SmsMessage.attempt_no == table.c.attempt_no,
    ]
    if lease_token is not None:
        conditions.append(SmsMessage.lease_token == lease_token)
    changes: dict[str, Any] = {name: table.c[f"new_{name}"] for name in MESSAGE_COLUMNS}
    statement = (
        update(SmsMessage)
        .where(*conditions)
        .values(**changes, lease_token=None, lease_owner=None, lease_until=None)
        .returning(SmsMessage.id)
        .execution_options(synchronize_session=False)
    )
    return set(db.session.scalars(statement))


def _close_attempts(transitions: Sequence[Transition], moment: datetime) -> None:
    if not transitions:
        return
    rows = [
        (each.row.id, each.row.attempt_no, each.outcome, each.code, each.http_status) for each in transitions
    ]
    table = values_table("closed", _ATTEMPT_TYPES, rows)
    db.session.execute(
        update(SmsAttempt)
        .where(
            SmsAttempt.message_id == table.c.id,
            SmsAttempt.attempt_no == table.c.attempt_no,
            SmsAttempt.finished_at.is_(None),
        )
        .values(finished_at=moment, **{name: table.c[f"new_{name}"] for name in _ATTEMPT_COLUMNS})
        .execution_options(synchronize_session=False)
    )


def _settle(transitions: Sequence[Transition]) -> None:
    """Capture the pages of newly accepted messages, and release those of messages that were not sent."""
    captured = [
        each.row for each in transitions if each.state in HANDED_OVER and each.row.state not in HANDED_OVER
    ]
    released = [each.row for each in transitions if each.state in UNSENT]
    settle(LedgerKind.CAPTURE, captured)
    settle(LedgerKind.RELEASE, released)
