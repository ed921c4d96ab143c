"""Invariants of message states: they must follow from attempts and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select, text

from app.extensions import db
from models.sms.attempt import AttemptOutcome, SmsAttempt, SmsDecision
from models.sms.message import MessageState, SmsMessage

_S, _O = MessageState, AttemptOutcome
# The possible outcomes of the last attempt per state; None means that the attempt is open.
_LAST: dict[MessageState, tuple[AttemptOutcome | None, ...]] = {
    _S.SUBMITTING: (None,),
    _S.UNKNOWN: (_O.UNKNOWN, _O.LOST),
    _S.FAILED: (_O.REFUSED, _O.LATER),
    _S.NEEDS_REVIEW: (_O.UNKNOWN, _O.LOST, _O.REFUSED, _O.LATER),
    _S.ACCEPTED: (_O.ACCEPTED, _O.UNKNOWN, _O.LOST, _O.REFUSED, _O.LATER),
}


def states_without_attempt() -> Select[Any]:
    """Messages whose state does not follow from their last attempt."""
    last = and_(SmsAttempt.message_id == SmsMessage.id, SmsAttempt.attempt_no == SmsMessage.attempt_no)
    wrong = [and_(SmsMessage.state == state, ~_is_one_of(outcomes)) for state, outcomes in _LAST.items()]
    decided = exists().where(
        SmsDecision.message_id == SmsMessage.id, SmsDecision.attempt_no == SmsMessage.attempt_no
    )
    waiting = SmsMessage.state.in_([_S.QUEUED, _S.CLAIMED, _S.EXPIRED])
    undecided = SmsAttempt.outcome.in_([_O.UNKNOWN, _O.LOST]) & ~decided
    wrong.append(and_(waiting, or_(SmsAttempt.outcome.is_(None), undecided), SmsMessage.attempt_no > 0))
    return select(SmsMessage.id).outerjoin(SmsAttempt, last).where(or_(*wrong))


def _is_one_of(outcomes: Sequence[AttemptOutcome | None]) -> Any:
    named = [outcome for outcome in outcomes if outcome is not None]
    if not named:
        return and_(SmsAttempt.outcome.is_(None), SmsAttempt.message_id.is_not(None))
    return and_(SmsAttempt.outcome.in_(named), SmsAttempt.outcome.is_not(None))


def missing_trigger() -> Sequence[str]:
    """The name of the trigger that refuses invalid moves, if it is missing."""
    connection = db.session.connection()
    catalogue = (
        "SELECT 1 FROM pg_trigger WHERE tgname = 'sms_messages_move' AND tgenabled <> 'D'"
        if connection.dialect.name == "postgresql"
        else "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = 'sms_messages_move'"
    )
    return [] if connection.scalar(text(catalogue)) else ["sms_messages_move"]
