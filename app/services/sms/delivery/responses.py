"""T4: what the answers of a call mean for its messages and for the account that gave them."""

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
from app.gateways.sms.base import Answer, Outcome, Trouble
from app.lib.clock import now
from app.services.job.lease import database_now
from app.services.sms.crash_points import crash_point
from app.services.sms.delivery.claim import Batch
from app.services.sms.delivery.transitions import Ruling, write
from app.services.sms.lease import begin_writing, look_up_pause, plan_anew, poll_pause
from app.services.sms.provider import note_call, note_price, note_stop
from models.sms.attempt import AttemptOutcome
from models.sms.message import MessageState

MOST_TRIES = 8
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 900.0
# The account's fault, for which no message is blamed.
_NOT_COUNTED = frozenset({Trouble.CREDIT, Trouble.SENDER, Trouble.SETUP})
_STOPPING = (Trouble.CREDIT, Trouble.SENDER, Trouble.SETUP, Trouble.BUSY)
_OUTCOMES = {
    Outcome.ACCEPTED: AttemptOutcome.ACCEPTED,
    Outcome.REFUSED_FOR_GOOD: AttemptOutcome.REFUSED,
    Outcome.REFUSED_FOR_NOW: AttemptOutcome.LATER,
    Outcome.UNKNOWN: AttemptOutcome.UNKNOWN,
}
_log = logging.getLogger(__name__)


def finish(batch: Batch, answers: Sequence[Answer]) -> None:
    """Write what came of *batch* and commit; whoever lost his lease meanwhile changes nothing."""
    begin_writing()
    plan_anew()
    moment = database_now()
    found = match(batch, answers)
    rulings = [_rule(row, found[row.local_id], moment) for row in batch.rows]
    done = _write_each(rulings, moment, batch.lease_token)
    crash_point("before_result")
    db.session.commit()
    conflicts = len(batch.rows) - len(done)
    if conflicts:
        _log.warning("lease_conflict: %s answers came too late", conflicts)
    begin_writing()
    _judge_account(batch, list(found.values()), conflicts)
    db.session.commit()


def match(batch: Batch, answers: Sequence[Answer]) -> dict[int, Answer]:
    """One answer to each message, by its local id and never by its place; what is missing or doubled is unknown."""
    times = Counter(answer.local_id for answer in answers)
    ids: Counter[str | None] = Counter(
        answer.provider_message_id for answer in answers if answer.provider_message_id
    )
    found = {answer.local_id: answer for answer in answers}
    return {row.local_id: _trusted(row.local_id, found.get(row.local_id), times, ids) for row in batch.rows}


def _trusted(local_id: int, answer: Answer | None, times: Counter[int], ids: Counter[str | None]) -> Answer:
    if answer is None:
        return Answer(local_id, Outcome.UNKNOWN, code="missing")
    is_accepted = answer.outcome is Outcome.ACCEPTED
    if times[local_id] > 1 or (is_accepted and ids[answer.provider_message_id] != 1):
        _log.error("An answer for message %s can't be trusted: its ids are not unique", local_id)
        return Answer(local_id, Outcome.UNKNOWN, code="ambiguous")
    return answer


def _write_each(rulings: Sequence[Ruling], moment: datetime, token: UUID) -> set[int]:
    """All at once; when a provider's id turns out to be another message's, one by one."""
    try:
        with db.session.begin_nested():
            return write(rulings, moment, lease_token=token)
    except IntegrityError:
        _log.exception("A provider's id came a second time; its message is looked up")
    done: set[int] = set()
    for ruling in rulings:
        try:
            with db.session.begin_nested():
                done |= write([ruling], moment, lease_token=token)
        except IntegrityError:
            answer = Answer(ruling.row.local_id, Outcome.UNKNOWN, code="ambiguous")
            done |= write([_rule(ruling.row, answer, moment)], moment, lease_token=token)
    return done


def _rule(row: Any, answer: Answer, moment: datetime) -> Ruling:
    if answer.outcome is Outcome.ACCEPTED:
        changes = _accepted(answer, moment)
    elif answer.outcome is Outcome.REFUSED_FOR_NOW:
        changes = _later(row, answer)
    elif answer.outcome is Outcome.REFUSED_FOR_GOOD:
        changes = _refused(row)
    else:
        changes = {
            "state": MessageState.UNKNOWN,
            "is_doubtful": True,
            "look_up_after": moment + look_up_pause(0),
            "look_ups": 0,
        }
    changes["error_code"] = None if answer.outcome is Outcome.ACCEPTED else answer.code
    outcome = _OUTCOMES[answer.outcome]
    return Ruling(row, changes, outcome, answer.code, answer.http_status)


def _accepted(answer: Answer, moment: datetime) -> dict[str, Any]:
    return {
        "state": MessageState.ACCEPTED,
        "provider_message_id": answer.provider_message_id,
        "cost_rials": answer.cost_rials,
        "accepted_at": now(),
        "look_up_after": moment + (poll_pause(0) or timedelta()),
        "look_ups": 0,
    }


def _refused(row: Any) -> dict[str, Any]:
    """A refusal proves nothing about an earlier attempt that was never answered."""
    if row.is_doubtful:
        return {"state": MessageState.NEEDS_REVIEW, "look_up_after": None}
    return {"state": MessageState.FAILED, "final_at": now()}


def _later(row: Any, answer: Answer) -> dict[str, Any]:
    if answer.alone:
        return {"state": MessageState.QUEUED, "goes_alone": True, "not_before": now()}
    tries = row.tries + (answer.trouble not in _NOT_COUNTED)
    if tries >= MOST_TRIES:
        return _refused(row) | {"tries": tries}
    pause = answer.retry_after or min(_FIRST_PAUSE * 2**row.tries, _LONGEST_PAUSE)
    spread = random.uniform(0.8, 1.2)  # noqa: S311 - spreads work, keeps no secret
    wait = timedelta(seconds=min(pause, _LONGEST_PAUSE) * (1.0 if answer.retry_after else spread))
    return {"state": MessageState.QUEUED, "tries": tries, "not_before": now() + wait}


def _judge_account(batch: Batch, answers: Sequence[Answer], conflicts: int) -> None:
    is_ok = any(answer.trouble is not Trouble.TRANSPORT for answer in answers)
    note_call(batch.provider_id, is_ok=is_ok, conflicts=conflicts)
    for trouble in _STOPPING:
        those = [answer for answer in answers if answer.trouble is trouble]
        if those:
            pause = max((answer.retry_after or 0.0 for answer in those), default=0.0)
            note_stop(batch.provider_id, trouble, code=those[0].code, retry_after=pause)
            break
    paid = next((each for each in answers if each.cost_rials), None)
    if paid is not None:
        size = next(row.segments for row in batch.rows if row.local_id == paid.local_id)
        note_price(batch.provider_id, (paid.cost_rials or 0) / size)
