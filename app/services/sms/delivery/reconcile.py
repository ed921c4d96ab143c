"""Step T6: looks up the status of sent and unanswered messages at their provider.

An unanswered message is sent again only when the provider proves that it does not have it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from app.extensions import db
from app.gateways.sms.base import LookUpFailed, Provider
from app.gateways.sms.results import LookUpResult
from app.lib.clock import now
from app.services.audit.record import muted
from app.services.job.lease import database_now
from app.services.sms.delivery.attempt import COLUMNS
from app.services.sms.delivery.reports import opt_out_blocked, transition_for
from app.services.sms.delivery.transitions import Transition, apply_transitions
from app.services.sms.lease import begin_writing, look_up_pause, look_up_pauses, poll_pause
from app.services.sms.provider import gateway_of
from models.sms.attempt import Decision, SmsAttempt, SmsDecision
from models.sms.message import HANDED_OVER, MessageState, SmsMessage
from models.sms.provider import SmsProvider
from models.tenancy.scope import Actor, acting_as, actor_of, fill_tenant

BATCH_SIZE = 500
# Longer than a look-up takes. If the worker dies, another one repeats the look-up after this time.
LOOK_UP_LEASE = timedelta(seconds=60)
# Kavenegar finds a message by its local id for 12 hours; after that, «not found» proves nothing.
PROOF_WINDOW = timedelta(hours=11)
# After this time without a successful look-up, a user must decide.
GIVE_UP_AFTER = timedelta(hours=12)
_log = logging.getLogger(__name__)


def find_due() -> list[tuple[int, int]]:
    """(organisation id, account id) pairs with messages that are due for a look-up."""
    statement = (
        select(SmsMessage.organization_id, SmsMessage.provider_id)
        .where(SmsMessage.look_up_after <= database_now(), SmsMessage.provider_id.is_not(None))
        .distinct()
    )
    # Unscoped, because it covers all organisations. Only ids are read; messages are looked up in scope.
    found = db.session.execute(statement, execution_options={"unscoped": True})
    return [(organization_id, account) for organization_id, account in found]


def reconcile(organization_id: int, provider_id: int) -> int:
    """Look up the next due messages of one account and apply the results; commits. Returns their number."""
    with acting_as(db.session(), Actor(organization_id)) as session, muted():
        account = session.get_one(SmsProvider, provider_id)
        gateway = gateway_of(account)
        rows = _take(provider_id)
        session.commit()
        if rows:
            found = _ask(gateway, rows)
            _apply(rows, found, gateway)
            session.commit()
        return len(rows)


def _take(provider_id: int) -> Sequence[Any]:
    begin_writing()
    moment = database_now()
    due = (
        select(SmsMessage.id)
        .where(
            SmsMessage.organization_id == actor_of(db.session()).organization_id,
            SmsMessage.provider_id == provider_id,
            SmsMessage.look_up_after <= moment,
        )
        .order_by(SmsMessage.look_up_after)
        .limit(BATCH_SIZE)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    statement = (
        update(SmsMessage)
        .where(SmsMessage.id == due.c.id)
        .values(look_up_after=moment + LOOK_UP_LEASE)
        .returning(*COLUMNS)
        .execution_options(synchronize_session=False)
    )
    return db.session.execute(statement).all()


def _ask(gateway: Provider, rows: Sequence[Any]) -> dict[int, LookUpResult] | None:
    """The provider's status by local id; None when the look-up failed."""
    unknown = [row for row in rows if row.state is MessageState.UNKNOWN]
    handed = {
        row.provider_message_id: row for row in rows if row.state in HANDED_OVER and row.provider_message_id
    }
    found: dict[int, LookUpResult] = {}
    try:
        if unknown and gateway.can_look_up:
            for each in gateway.look_up([row.local_id for row in unknown]):
                found[each.local_id or 0] = each
        if handed:
            for each in gateway.status(list(handed)):
                if each.provider_message_id in handed:
                    found[handed[each.provider_message_id].local_id] = each
    except LookUpFailed as failure:
        _log.warning("The provider did not say what became of %s messages: %s", len(rows), failure)
        return None
    return found


def _apply(rows: Sequence[Any], found: dict[int, LookUpResult] | None, gateway: Provider) -> None:
    begin_writing()
    moment = database_now()
    transitions = [_transition(row, found, gateway, moment) for row in rows]
    done = apply_transitions(transitions, moment)
    applied = [each for each in transitions if each.row.id in done]
    _record_proofs(applied, gateway)
    opt_out_blocked(applied)


def _transition(
    row: Any, found: dict[int, LookUpResult] | None, gateway: Provider, moment: datetime
) -> Transition:
    if row.state is not MessageState.UNKNOWN:
        return _poll(row, (found or {}).get(row.local_id), moment)
    status = (found or {}).get(row.local_id)
    # A provider without look-up falls through: it gets a few pauses, then a decision. A failed look-up counts
    # as no attempt.
    if status is None and (found is None or gateway.can_look_up):
        return _ask_later(row, moment)
    transition = transition_for(row, status, moment) if status is not None else None
    return transition or _not_found(row, gateway, moment)


def _poll(row: Any, status: LookUpResult | None, moment: datetime) -> Transition:
    """The next state of an accepted message and the time of its next poll; None after the last poll."""
    if row.state not in HANDED_OVER:
        return Transition(row, {"look_up_after": None})
    transition = transition_for(row, status, moment) if status is not None else None
    if transition is not None and transition.state.is_final:
        return transition
    pause = poll_pause(row.look_ups + 1)
    repeated = {"look_ups": row.look_ups + 1, "look_up_after": moment + pause if pause else None}
    return Transition(row, (transition.changes if transition else {}) | repeated)


def _ask_later(row: Any, moment: datetime) -> Transition:
    if now() > row.expires_at + GIVE_UP_AFTER:
        return Transition(row, {"state": MessageState.NEEDS_REVIEW, "look_up_after": None})
    return Transition(row, {"look_up_after": moment + look_up_pause(row.look_ups)})


def _not_found(row: Any, gateway: Provider, moment: datetime) -> Transition:
    """The transition of a message that was not found.

    It is looked up again after longer pauses. The last time, it is queued again if the provider can prove
    its absence; otherwise it needs a manual decision.
    """
    times = row.look_ups + 1
    if times < len(look_up_pauses()):
        return Transition(row, {"look_ups": times, "look_up_after": moment + look_up_pause(times)})
    if not gateway.is_idempotent and not (gateway.can_look_up and _is_fresh(row, moment)):
        return Transition(row, {"state": MessageState.NEEDS_REVIEW, "look_up_after": None, "look_ups": times})
    changes = {"state": MessageState.QUEUED, "look_up_after": None, "look_ups": 0}
    return Transition(row, changes | {"not_before": now()})


def _is_fresh(row: Any, moment: datetime) -> bool:
    started = db.session.scalar(
        select(SmsAttempt.started_at).where(
            SmsAttempt.message_id == row.id, SmsAttempt.attempt_no == row.attempt_no
        )
    )
    return started is not None and moment - started < PROOF_WINDOW


def _record_proofs(transitions: Sequence[Transition], gateway: Provider) -> None:
    """Record why a message may be sent again after an unanswered attempt."""
    proof = Decision.PROVEN_ABSENT if gateway.can_look_up else Decision.IDEMPOTENT
    rows = [
        {
            "message_id": each.row.id,
            "attempt_no": each.row.attempt_no,
            "decision": proof,
            "reason": "",
            "at": now(),
        }
        for each in transitions
        if each.state is MessageState.QUEUED and each.row.state is MessageState.UNKNOWN
    ]
    if rows:
        db.session.execute(insert(SmsDecision), fill_tenant(db.session(), rows))
