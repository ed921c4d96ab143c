"""Step T8: delivery reports, which may arrive late, twice, out of order or before our own commit."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import or_, select

from app.extensions import db
from app.gateways.sms.base import LookUpFailed
from app.gateways.sms.results import DeliveryReport, DeliveryState, LookUpResult
from app.gateways.task_queue import enqueue_after_commit
from app.lib.clock import now
from app.services.audit.record import muted
from app.services.job.lease import database_now
from app.services.sms.consent import opt_out
from app.services.sms.delivery.attempt import COLUMNS
from app.services.sms.delivery.transitions import Transition, apply_transitions
from app.services.sms.lease import begin_writing, poll_pause
from app.services.sms.provider import gateway_of
from models.sms.attempt import AttemptOutcome, SmsDeliveryEvent
from models.sms.consent import OptOutSource
from models.sms.message import HANDED_OVER, UNSENT, MessageState, SmsMessage
from models.sms.provider import SmsProvider
from models.tenancy.scope import Actor, acting_as
from models.upsert import upsert

REPORTS_TASK = "sms.reports"
RETENTION = timedelta(hours=24)
BATCH_SIZE = 500
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


class MatchedStatus(NamedTuple):
    """A message and the provider's status of it."""

    organization_id: int
    message_id: int
    status: LookUpResult


def receive_reports(account: SmsProvider, reports: Iterable[DeliveryReport]) -> int:
    """Store reports, each once, and queue the task that applies them; returns the number of new ones."""
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
        enqueue_after_commit(REPORTS_TASK)
    return len(new)


def _fingerprint(report: DeliveryReport) -> str:
    content = f"{report.provider_message_id}|{report.local_id}|{report.state.value}"
    return hashlib.sha256(content.encode()).hexdigest()


def apply_reports() -> int:
    """Apply stored reports and commit; returns the number that matched a message.

    Unmatched reports are tried again for a day.
    """
    statement = select(SmsDeliveryEvent).where(
        SmsDeliveryEvent.applied_at.is_(None), SmsDeliveryEvent.received_at > now() - RETENTION
    )
    events = db.session.scalars(statement.order_by(SmsDeliveryEvent.id.desc()).limit(BATCH_SIZE)).all()
    accounts = {event.provider_id: db.session.get_one(SmsProvider, event.provider_id) for event in events}
    done = 0
    for account in accounts.values():
        done += _apply(account, [event for event in events if event.provider_id == account.id])
    return done


def _apply(account: SmsProvider, events: Sequence[SmsDeliveryEvent]) -> int:
    """Apply the events of one account; returns the number that matched.

    The status is fetched from the provider, because a posted report could be forged.
    """
    hints = {event.id: _hint(event) for event in events}
    asked = _ask(account, list(hints.values()))
    matches = {match.message_id: match for match in match_messages(account.id, asked)}
    known = {(match.status.provider_message_id, match.status.local_id) for match in matches.values()}
    apply_statuses(list(matches.values()))
    numbers = {number for number, _local in known if number}
    locals_ = {local for _number, local in known if local}
    matched = [
        key
        for key, hint in hints.items()
        if hint.provider_message_id in numbers or (hint.local_id and hint.local_id in locals_)
    ]
    _mark_applied(matched)
    return len(matched)


def _hint(event: SmsDeliveryEvent) -> LookUpResult:
    return LookUpResult(event.local_id, event.provider_message_id, DeliveryState(event.status))


def _ask(account: SmsProvider, hints: Sequence[LookUpResult]) -> list[LookUpResult]:
    """The provider's status of the reported messages; a failed query is repeated with the next run."""
    numbers = sorted({hint.provider_message_id for hint in hints if hint.provider_message_id})
    locals_ = sorted({hint.local_id for hint in hints if hint.local_id and not hint.provider_message_id})
    gateway = gateway_of(account)
    db.session.commit()
    found: list[LookUpResult] = []
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


def match_messages(provider_id: int, found: Sequence[LookUpResult]) -> list[MatchedStatus]:
    """The messages with these statuses, matched by the provider's id or by our local id."""
    numbers = {each.provider_message_id: each for each in found if each.provider_message_id}
    locals_ = {each.local_id: each for each in found if each.local_id}
    columns = (SmsMessage.organization_id, SmsMessage.id, SmsMessage.provider_message_id, SmsMessage.local_id)
    statement = select(*columns).where(
        SmsMessage.provider_id == provider_id,
        or_(SmsMessage.provider_message_id.in_(numbers), SmsMessage.local_id.in_(locals_)),
    )
    # Unscoped, because a report names no organisation. Only ids are read; messages are changed in scope.
    rows = db.session.execute(statement, execution_options={"unscoped": True}).all()
    return [
        MatchedStatus(
            row.organization_id, row.id, numbers.get(row.provider_message_id) or locals_[row.local_id]
        )
        for row in rows
    ]


def apply_statuses(matches: Sequence[MatchedStatus]) -> None:
    """Apply the providers' statuses to messages; a state never moves to a lower rank. Commits per organisation."""
    for organization_id in sorted({match.organization_id for match in matches}):
        statuses = {
            match.message_id: match.status for match in matches if match.organization_id == organization_id
        }
        with acting_as(db.session(), Actor(organization_id)) as session, muted():
            _apply_to_messages(statuses)
            session.commit()


def _apply_to_messages(found: dict[int, LookUpResult]) -> None:
    begin_writing()
    moment = database_now()
    statement = select(*COLUMNS).where(SmsMessage.id.in_(found)).order_by(SmsMessage.id)
    rows = db.session.execute(statement.with_for_update()).all()
    candidates = [transition_for(row, found[row.id], moment) for row in rows]
    transitions = [transition for transition in candidates if transition is not None]
    apply_transitions(transitions, moment)
    opt_out_blocked(transitions)


def opt_out_blocked(transitions: Iterable[Transition]) -> None:
    """Opt out the receivers of messages that the provider has blocked, because they refuse all such messages."""
    for transition in transitions:
        if transition.state is MessageState.BLOCKED:
            opt_out(transition.row.mobile, OptOutSource.PROVIDER)


def transition_for(row: Any, found: LookUpResult, moment: datetime) -> Transition | None:
    """The transition for a provider's status, which also proves that the provider has the message.

    None when the status is empty, not newer, or impossible for the message.
    """
    if found.state is None:
        return None
    state = _STATES[found.state]
    if row.state in HANDED_OVER:
        return Transition(row, _delivery_changes(state, moment)) if state.rank > row.state.rank else None
    if row.state in UNSENT or row.attempt_no == 0:
        _log.error("Message %s is %s, and its provider has it as %s", row.id, row.state.value, state.value)
        return None
    number = found.provider_message_id or row.provider_message_id
    changes = {"provider_message_id": number, "accepted_at": now(), "look_ups": 0, "error_code": None}
    return Transition(row, changes | _delivery_changes(state, moment), AttemptOutcome.ACCEPTED)


def _delivery_changes(state: MessageState, moment: datetime) -> dict[str, Any]:
    pause = None if state.is_final else poll_pause(0)
    return {
        "state": state,
        "final_at": now() if state.is_final else None,
        "look_up_after": moment + pause if pause else None,
    }


def _mark_applied(event_ids: Sequence[int]) -> None:
    begin_writing()
    for event in db.session.scalars(select(SmsDeliveryEvent).where(SmsDeliveryEvent.id.in_(event_ids))):
        event.applied_at = now()
    db.session.commit()
