"""Step T4: applies the results of a send call to its messages and to the account."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.gateways.sms.results import Outcome, SendResult, Trouble
from app.lib.clock import now
from app.services.job.lease import database_now
from app.services.sms.crash_points import crash_point
from app.services.sms.delivery.attempt import Batch
from app.services.sms.delivery.transitions import Transition, apply_transitions
from app.services.sms.lease import begin_writing, force_custom_plans, look_up_pause, poll_pause
from app.services.sms.provider import record_call, record_price, record_stop
from models.sms.attempt import AttemptOutcome
from models.sms.message import MessageState

MAX_TRIES = 8
_FIRST_PAUSE, _MAX_PAUSE = 5.0, 900.0
# Problems of the account, which do not count as tries of a message.
_UNCOUNTED = frozenset({Trouble.CREDIT, Trouble.SENDER, Trouble.SETUP})
_STOPPING = (Trouble.CREDIT, Trouble.SENDER, Trouble.SETUP, Trouble.BUSY)
_OUTCOMES = {
    Outcome.ACCEPTED: AttemptOutcome.ACCEPTED,
    Outcome.REFUSED_FOR_GOOD: AttemptOutcome.REFUSED,
    Outcome.REFUSED_FOR_NOW: AttemptOutcome.LATER,
    Outcome.UNKNOWN: AttemptOutcome.UNKNOWN,
}
_log = logging.getLogger(__name__)


def record_results(batch: Batch, results: Sequence[SendResult]) -> None:
    """Apply the results of *batch* and commit; messages whose lease has expired are not changed."""
    begin_writing()
    force_custom_plans()
    moment = database_now()
    found = match_results(batch, results)
    transitions = [_transition(row, found[row.local_id], moment) for row in batch.rows]
    done = _write_each(transitions, moment, batch.lease_token)
    crash_point("before_result")
    db.session.commit()
    conflicts = len(batch.rows) - len(done)
    if conflicts:
        _log.warning("lease_conflict: %s answers came too late", conflicts)
    begin_writing()
    _update_health(batch, list(found.values()), conflicts)
    db.session.commit()


def match_results(batch: Batch, results: Sequence[SendResult]) -> dict[int, SendResult]:
    """One result per message, matched by local id; a missing or repeated result is unknown."""
    occurrences = Counter(result.local_id for result in results)
    ids: Counter[str | None] = Counter(
        result.provider_message_id for result in results if result.provider_message_id
    )
    found = {result.local_id: result for result in results}
    return {
        row.local_id: _trusted(row.local_id, found.get(row.local_id), occurrences, ids) for row in batch.rows
    }


def _trusted(
    local_id: int, result: SendResult | None, occurrences: Counter[int], ids: Counter[str | None]
) -> SendResult:
    if result is None:
        return SendResult(local_id, Outcome.UNKNOWN, code="missing")
    is_accepted = result.outcome is Outcome.ACCEPTED
    if occurrences[local_id] > 1 or (is_accepted and ids[result.provider_message_id] != 1):
        _log.error("An answer for message %s can't be trusted: its ids are not unique", local_id)
        return SendResult(local_id, Outcome.UNKNOWN, code="ambiguous")
    return result


def _write_each(transitions: Sequence[Transition], moment: datetime, token: UUID) -> set[int]:
    """Apply all transitions at once, or one by one when a provider id belongs to another message."""
    try:
        with db.session.begin_nested():
            return apply_transitions(transitions, moment, lease_token=token)
    except IntegrityError:
        _log.exception("A provider's id came a second time; its message is looked up")
    done: set[int] = set()
    for transition in transitions:
        try:
            with db.session.begin_nested():
                done |= apply_transitions([transition], moment, lease_token=token)
        except IntegrityError:
            result = SendResult(transition.row.local_id, Outcome.UNKNOWN, code="ambiguous")
            done |= apply_transitions(
                [_transition(transition.row, result, moment)], moment, lease_token=token
            )
    return done


def _transition(row: Any, result: SendResult, moment: datetime) -> Transition:
    if result.outcome is Outcome.ACCEPTED:
        changes = _accepted(result, moment)
    elif result.outcome is Outcome.REFUSED_FOR_NOW:
        changes = _later(row, result)
    elif result.outcome is Outcome.REFUSED_FOR_GOOD:
        changes = _refused(row)
    else:
        changes = {
            "state": MessageState.UNKNOWN,
            "is_doubtful": True,
            "look_up_after": moment + look_up_pause(0),
            "look_ups": 0,
        }
    changes["error_code"] = None if result.outcome is Outcome.ACCEPTED else result.code
    outcome = _OUTCOMES[result.outcome]
    return Transition(row, changes, outcome, result.code, result.http_status)


def _accepted(result: SendResult, moment: datetime) -> dict[str, Any]:
    return {
        "state": MessageState.ACCEPTED,
        "provider_message_id": result.provider_message_id,
        "cost_rials": result.cost_rials,
        "accepted_at": now(),
        "look_up_after": moment + (poll_pause(0) or timedelta()),
        "look_ups": 0,
    }


def _refused(row: Any) -> dict[str, Any]:
    """The changes for a final refusal; it proves nothing about an earlier unanswered attempt."""
    if row.is_doubtful:
        return {"state": MessageState.NEEDS_REVIEW, "look_up_after": None}
    return {"state": MessageState.FAILED, "final_at": now()}


def _later(row: Any, result: SendResult) -> dict[str, Any]:
    if result.alone:
        return {"state": MessageState.QUEUED, "goes_alone": True, "not_before": now()}
    tries = row.tries + (result.trouble not in _UNCOUNTED)
    if tries >= MAX_TRIES:
        return _refused(row) | {"tries": tries}
    pause = result.retry_after or min(_FIRST_PAUSE * 2**row.tries, _MAX_PAUSE)
    spread = random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not security
    wait = timedelta(seconds=min(pause, _MAX_PAUSE) * (1.0 if result.retry_after else spread))
    return {"state": MessageState.QUEUED, "tries": tries, "not_before": now() + wait}


def _update_health(batch: Batch, results: Sequence[SendResult], conflicts: int) -> None:
    is_ok = any(result.trouble is not Trouble.TRANSPORT for result in results)
    record_call(batch.provider_id, is_ok=is_ok, conflicts=conflicts)
    for trouble in _STOPPING:
        matching = [result for result in results if result.trouble is trouble]
        if matching:
            pause = max((result.retry_after or 0.0 for result in matching), default=0.0)
            record_stop(batch.provider_id, trouble, code=matching[0].code, retry_after=pause)
            break
    paid = next((each for each in results if each.cost_rials), None)
    if paid is not None:
        size = next(row.segments for row in batch.rows if row.local_id == paid.local_id)
        record_price(batch.provider_id, (paid.cost_rials or 0) / size)
