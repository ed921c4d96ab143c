"""T8: reports of delivery, which come late, twice, in any order, or before our own commit."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import or_, select

from app.extensions import db
from app.gateways.sms.base import DeliveryState, Found, LookUpFailed, Report
from app.gateways.task_queue import enqueue_after_commit
from app.lib.clock import now
from app.services.audit.record import muted
from app.services.job.lease import database_now
from app.services.sms.consent import opt_out
from app.services.sms.delivery.claim import COLUMNS
from app.services.sms.delivery.transitions import Ruling, write
from app.services.sms.lease import begin_writing, poll_pause
from app.services.sms.provider import gateway_of
from models.sms.attempt import AttemptOutcome, SmsDeliveryEvent
from models.sms.consent import OptOutSource
from models.sms.message import HANDED_OVER, UNSENT, MessageState, SmsMessage
from models.sms.provider import SmsProvider
from models.tenancy.scope import Actor, acting_as
from models.upsert import upsert

REPORTS = "sms.reports"
KEPT_FOR = timedelta(hours=24)
MOST = 500
_STATES = {
    DeliveryState.ACCEPTED: MessageState.ACCEPTED,
    DeliveryState.SENT: MessageState.SENT,
    DeliveryState.DELIVERED: MessageState.DELIVERED,
    DeliveryState.UNDELIVERED: MessageState.UNDELIVERED,
    DeliveryState.FAILED: MessageState.UNDELIVERED,
    DeliveryState.CANCELLED: MessageState.UNDELIVERED,
    DeliveryState.BLOCKED: MessageState.BLOCKED,
}
_log = logging.getLogger(__name__)


class Place(NamedTuple):
    """A message that somebody told of, and what he said."""

    organization_id: int
    message_id: int
    found: Found


def receive_reports(account: SmsProvider, reports: Iterable[Report]) -> int:
    """Keep reports as they came, each once; returns how many are new. The job that applies them is woken."""
    rows = [
        {
            "provider_id": account.id,
            "provider_message_id": report.provider_message_id,
            "local_id": report.local_id,
            "status": report.state.value,
            "event_sha256": _fingerprint(report),
            "received_at": now(),
        }
        for report in reports
    ]
    if not rows:
        return 0
    statement = upsert(db.session(), SmsDeliveryEvent).on_conflict_do_nothing().returning(SmsDeliveryEvent.id)
    new = db.session.scalars(statement.values(rows)).all()
    if new:
        enqueue_after_commit(REPORTS)
    return len(new)


def _fingerprint(report: Report) -> str:
    content = f"{report.provider_message_id}|{report.local_id}|{report.state.value}"
    return hashlib.sha256(content.encode()).hexdigest()


def apply_reports() -> int:
    """Apply what waits, commit, and return how many found their message; the others wait for a day."""
    statement = select(SmsDeliveryEvent).where(
        SmsDeliveryEvent.applied_at.is_(None), SmsDeliveryEvent.received_at > now() - KEPT_FOR
    )
    events = db.session.scalars(statement.order_by(SmsDeliveryEvent.id.desc()).limit(MOST)).all()
    accounts = {event.provider_id: db.session.get_one(SmsProvider, event.provider_id) for event in events}
    done = 0
    for account in accounts.values():
        those = [event for event in events if event.provider_id == account.id]
        done += _apply(account, those)
    return done


def _apply(account: SmsProvider, events: Sequence[SmsDeliveryEvent]) -> int:
    """A report is a hint: what it claims is asked for, since anybody may post who knows the address."""
    hints = {event.id: _hint(event) for event in events}
    asked = _ask(account, list(hints.values()))
    places = {place.message_id: place for place in find_places(account.id, asked)}
    known = {(place.found.provider_message_id, place.found.local_id) for place in places.values()}
    apply_found(list(places.values()))
    numbers = {number for number, _local in known if number}
    locals_ = {local for _number, local in known if local}
    matched = [
        key
        for key, hint in hints.items()
        if hint.provider_message_id in numbers or (hint.local_id and hint.local_id in locals_)
    ]
    _mark(matched)
    return len(matched)


def _hint(event: SmsDeliveryEvent) -> Found:
    return Found(event.local_id, event.provider_message_id, DeliveryState(event.status))


def _ask(account: SmsProvider, hints: Sequence[Found]) -> list[Found]:
    """What the provider itself says of the messages; what it can't say now is asked again later."""
    numbers = sorted({hint.provider_message_id for hint in hints if hint.provider_message_id})
    locals_ = sorted({hint.local_id for hint in hints if hint.local_id and not hint.provider_message_id})
    gateway = gateway_of(account)
    db.session.commit()
    found: list[Found] = []
    try:
        found += gateway.status(numbers) if numbers else []
        found += gateway.look_up(locals_) if locals_ and gateway.can_look_up else []
    except LookUpFailed:
        _log.warning("Account %s did not say what became of %s messages", account.id, len(hints))
    ours = {hint.provider_message_id: hint.local_id for hint in hints}
    return [
        replace(each, local_id=each.local_id or ours.get(each.provider_message_id))
        for each in found
        if each.state is not None
    ]


def find_places(provider_id: int, found: Sequence[Found]) -> list[Place]:
    """Whose messages these are: by the provider's number, or by ours."""
    numbers = {each.provider_message_id: each for each in found if each.provider_message_id}
    locals_ = {each.local_id: each for each in found if each.local_id}
    columns = (SmsMessage.organization_id, SmsMessage.id, SmsMessage.provider_message_id, SmsMessage.local_id)
    statement = select(*columns).where(
        SmsMessage.provider_id == provider_id,
        or_(SmsMessage.provider_message_id.in_(numbers), SmsMessage.local_id.in_(locals_)),
    )
    # A report does not say whose it is; ids alone are learned, and each message is then changed for its own.
    rows = db.session.execute(statement, execution_options={"unscoped": True}).all()
    return [
        Place(row.organization_id, row.id, numbers.get(row.provider_message_id) or locals_[row.local_id])
        for row in rows
    ]


def apply_found(places: Sequence[Place]) -> None:
    """Bring messages to what their provider says of them; a rank only rises. Commits per organisation."""
    for organization_id in sorted({place.organization_id for place in places}):
        those = {
            place.message_id: place.found for place in places if place.organization_id == organization_id
        }
        with acting_as(db.session(), Actor(organization_id)) as session, muted():
            _apply_here(those)
            session.commit()


def _apply_here(found: dict[int, Found]) -> None:
    begin_writing()
    moment = database_now()
    statement = select(*COLUMNS).where(SmsMessage.id.in_(found)).order_by(SmsMessage.id)
    rows = db.session.execute(statement.with_for_update()).all()
    rulings = [rule(row, found[row.id], moment) for row in rows]
    kept = [ruling for ruling in rulings if ruling is not None]
    write(kept, moment)
    for ruling in kept:
        if ruling.state is MessageState.BLOCKED:
            opt_out(ruling.row.mobile, OptOutSource.PROVIDER)


def rule(row: Any, found: Found, moment: datetime) -> Ruling | None:
    """What a provider's word changes of a message; it proves that the provider has it."""
    if found.state is None:
        return None
    state = _STATES[found.state]
    if row.state in HANDED_OVER:
        return Ruling(row, _told(state, moment)) if state.rank > row.state.rank else None
    if row.state in UNSENT or row.attempt_no == 0:
        _log.error("Message %s is %s, and its provider has it as %s", row.id, row.state.value, state.value)
        return None
    number = found.provider_message_id or row.provider_message_id
    changes = {"provider_message_id": number, "accepted_at": now(), "look_ups": 0, "error_code": None}
    return Ruling(row, changes | _told(state, moment), AttemptOutcome.ACCEPTED)


def _told(state: MessageState, moment: datetime) -> dict[str, Any]:
    pause = None if state.is_final else poll_pause(0)
    return {
        "state": state,
        "final_at": now() if state.is_final else None,
        "look_up_after": moment + pause if pause else None,
    }


def _mark(event_ids: Sequence[int]) -> None:
    begin_writing()
    for event in db.session.scalars(select(SmsDeliveryEvent).where(SmsDeliveryEvent.id.in_(event_ids))):
        event.applied_at = now()
    db.session.commit()
