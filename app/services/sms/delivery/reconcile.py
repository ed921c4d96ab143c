"""T6: messages without an answer are looked up at their provider, and sent again only when it proves to lack them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from app.extensions import db
from app.gateways.sms.base import Found, LookUpFailed, Provider
from app.lib.clock import now
from app.services.audit.record import muted
from app.services.job.lease import database_now
from app.services.sms.delivery.claim import COLUMNS
from app.services.sms.delivery.reports import rule
from app.services.sms.delivery.transitions import Ruling, write
from app.services.sms.lease import begin_writing, look_up_pause, look_up_pauses, poll_pause
from app.services.sms.provider import gateway_of
from models.sms.attempt import Decision, SmsAttempt, SmsDecision
from models.sms.message import HANDED_OVER, MessageState, SmsMessage
from models.sms.provider import SmsProvider
from models.tenancy.scope import Actor, acting_as, actor_of, fill_tenant

MOST = 500
# A look-up takes less; when its worker dies, the next one asks again after so long.
HELD_FOR = timedelta(seconds=60)
# Kavenegar finds a message by our number for half a day: later «not found» proves nothing.
PROOF_FOR = timedelta(hours=11)
# Beyond this a look-up that never works is a person's matter.
PATIENCE = timedelta(hours=12)
_log = logging.getLogger(__name__)


def find_due() -> list[tuple[int, int]]:
    """(organisation, account) of messages that are due to be asked about."""
    statement = (
        select(SmsMessage.organization_id, SmsMessage.provider_id)
        .where(SmsMessage.look_up_after <= database_now(), SmsMessage.provider_id.is_not(None))
        .distinct()
    )
    # Ids alone; each organisation's messages are then asked about for it.
    found = db.session.execute(statement, execution_options={"unscoped": True})
    return [(who, account) for who, account in found]


def reconcile(organization_id: int, provider_id: int) -> int:
    """Ask about the next messages of one account and write what it says; commits. Returns how many were asked about."""
    with acting_as(db.session(), Actor(organization_id)) as session, muted():
        account = session.get_one(SmsProvider, provider_id)
        gateway = gateway_of(account)
        rows = _take(provider_id)
        session.commit()
        if rows:
            found = _ask(gateway, rows)
            _write(rows, found, gateway)
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
        .limit(MOST)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    statement = (
        update(SmsMessage)
        .where(SmsMessage.id == due.c.id)
        .values(look_up_after=moment + HELD_FOR)
        .returning(*COLUMNS)
        .execution_options(synchronize_session=False)
    )
    return db.session.execute(statement).all()


def _ask(gateway: Provider, rows: Sequence[Any]) -> dict[int, Found] | None:
    """What the provider says of each message (by our id), None when it did not say."""
    unknown = [row for row in rows if row.state is MessageState.UNKNOWN]
    handed = {
        row.provider_message_id: row for row in rows if row.state in HANDED_OVER and row.provider_message_id
    }
    found: dict[int, Found] = {}
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


def _write(rows: Sequence[Any], found: dict[int, Found] | None, gateway: Provider) -> None:
    begin_writing()
    moment = database_now()
    rulings = [_rule(row, found, gateway, moment) for row in rows]
    done = write(rulings, moment)
    _keep_proofs([each for each in rulings if each.row.id in done], gateway)


def _rule(row: Any, found: dict[int, Found] | None, gateway: Provider, moment: datetime) -> Ruling:
    if row.state is not MessageState.UNKNOWN:
        return _poll(row, (found or {}).get(row.local_id), moment)
    answer = (found or {}).get(row.local_id)
    # Where it can't be looked up at all, time is all that passes; where nothing was said, not even that counts.
    if answer is None and (found is None or gateway.can_look_up):
        return _ask_later(row, moment)
    told = rule(row, answer, moment) if answer is not None else None
    return told or _not_found(row, gateway, moment)


def _poll(row: Any, answer: Found | None, moment: datetime) -> Ruling:
    """A message that the provider has: its state, and when to ask again; after the last time it stays without report."""
    if row.state not in HANDED_OVER:
        return Ruling(row, {"look_up_after": None})
    told = rule(row, answer, moment) if answer is not None else None
    if told is not None and told.state.is_final:
        return told
    pause = poll_pause(row.look_ups + 1)
    again = {"look_ups": row.look_ups + 1, "look_up_after": moment + pause if pause else None}
    return Ruling(row, (told.changes if told else {}) | again)


def _ask_later(row: Any, moment: datetime) -> Ruling:
    if now() > row.expires_at + PATIENCE:
        return Ruling(row, {"state": MessageState.NEEDS_REVIEW, "look_up_after": None})
    return Ruling(row, {"look_up_after": moment + look_up_pause(row.look_ups)})


def _not_found(row: Any, gateway: Provider, moment: datetime) -> Ruling:
    """Once more after a longer pause; the last time it is proof, if the provider's word can be one."""
    times = row.look_ups + 1
    if times < len(look_up_pauses()):
        return Ruling(row, {"look_ups": times, "look_up_after": moment + look_up_pause(times)})
    if not gateway.is_idempotent and not (gateway.can_look_up and _is_fresh(row, moment)):
        return Ruling(row, {"state": MessageState.NEEDS_REVIEW, "look_up_after": None, "look_ups": times})
    changes = {"state": MessageState.QUEUED, "look_up_after": None, "look_ups": 0}
    return Ruling(row, changes | {"not_before": now()})


def _is_fresh(row: Any, moment: datetime) -> bool:
    started = db.session.scalar(
        select(SmsAttempt.started_at).where(
            SmsAttempt.message_id == row.id, SmsAttempt.attempt_no == row.attempt_no
        )
    )
    return started is not None and moment - started < PROOF_FOR


def _keep_proofs(rulings: Sequence[Ruling], gateway: Provider) -> None:
    """Why a message may be tried again though an attempt was never answered."""
    proof = Decision.PROVEN_ABSENT if gateway.can_look_up else Decision.IDEMPOTENT
    rows = [
        {
            "message_id": each.row.id,
            "attempt_no": each.row.attempt_no,
            "decision": proof,
            "reason": "",
            "at": now(),
        }
        for each in rulings
        if each.state is MessageState.QUEUED and each.row.state is MessageState.UNKNOWN
    ]
    if rows:
        db.session.execute(insert(SmsDecision), fill_tenant(db.session(), rows))
