"""Compares the tables with the provider's ledger of accepted messages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.gateways.sms.sandbox_ledger import AcceptedMessage
from app.lib.clock import now
from app.lib.number_digest import digest_number
from app.services.sms.invariants.checks import CANCEL_GRACE, InvariantResult
from app.services.sms.sending_hours import is_open
from models.organization import Organization
from models.sms.attempt import Decision, SmsAttempt, SmsDecision
from models.sms.campaign import SmsCampaign
from models.sms.consent import SmsOptOut
from models.sms.message import HANDED_OVER, UNSENT, SmsMessage

# Clock skew between processes, and the time between the check of the sending hours and the acceptance.
_CLOCK_SKEW, _LATENCY = timedelta(seconds=2), timedelta(seconds=30)
_LIMIT = 20


@dataclass
class LedgerComparison:
    """Accepted messages from the ledger beside our messages, decisions and opt-outs.

    `messages` is keyed by local id, `first_call` and `decided` by message id. `shift` is the app's clock minus
    the real one.
    """

    accepts: Sequence[AcceptedMessage]
    messages: dict[int, Any]
    first_call: dict[int, datetime]
    decided: dict[Decision, Counter[int]]
    opted_out: dict[tuple[int, str], datetime]
    organizations: dict[int, Organization]
    shift: timedelta

    def of(self, accept: AcceptedMessage) -> Any:
        return self.messages.get(accept.local_id or 0)


def check_ledger(accepts: Iterable[AcceptedMessage]) -> list[InvariantResult]:
    """Check the invariants that need the provider's ledger; read-only."""
    ledger = _load(list(accepts))
    return [
        InvariantResult(name, says, list(dict.fromkeys(find(ledger)))[:_LIMIT])
        for name, says, find in COMPARISONS
    ]


def _load(accepts: Sequence[AcceptedMessage]) -> LedgerComparison:
    columns: list[Any] = [SmsMessage.id, SmsMessage.organization_id, SmsMessage.campaign_id, SmsMessage.state]
    columns += [SmsMessage.local_id, SmsMessage.mobile, SmsMessage.body, SmsMessage.attempt_no]
    joined = select(*columns, SmsCampaign.cancelled_at).join(SmsCampaign)
    first_attempts = select(SmsAttempt.message_id, func.min(SmsAttempt.started_at)).group_by(
        SmsAttempt.message_id
    )
    decided: dict[Decision, Counter[int]] = defaultdict(Counter)
    for key, decision in _fetch_all(select(SmsDecision.message_id, SmsDecision.decision)):
        decided[decision][key] += 1
    opt_outs = _fetch_all(select(SmsOptOut.organization_id, SmsOptOut.number_digest, SmsOptOut.at))
    return LedgerComparison(
        accepts=accepts,
        messages={row.local_id: row for row in _fetch_all(joined)},
        first_call=dict(_fetch_all(first_attempts)),
        decided=decided,
        opted_out={(organization_id, number): at for organization_id, number, at in opt_outs},
        organizations={row.id: row for row in db.session.scalars(select(Organization))},
        shift=now() - datetime.now(UTC),
    )


def _fetch_all(statement: Any) -> list[Any]:
    # Unscoped, because the audit covers all organisations; its results contain ids only.
    return list(db.session.execute(statement, execution_options={"unscoped": True}))


def accepted_twice(ledger: LedgerComparison) -> list[int]:
    """Local ids that were accepted more often than once plus the manual decisions to send again."""
    repeated = ledger.decided[Decision.SEND_AGAIN]
    times = Counter(accept.local_id for accept in ledger.accepts if accept.local_id)
    return [
        local_id
        for local_id, count in times.items()
        if count > 1 + (repeated[ledger.messages[local_id].id] if local_id in ledger.messages else 0)
    ]


def accepted_before_attempt(ledger: LedgerComparison) -> list[Any]:
    """Accepted messages that we do not have, or whose first attempt was recorded later."""
    return [
        accept.local_id
        for accept in ledger.accepts
        if (row := ledger.of(accept)) is None
        or ledger.first_call.get(row.id, datetime.max.replace(tzinfo=UTC)) > accept.at + _CLOCK_SKEW
    ]


def sent_but_missing(ledger: LedgerComparison) -> list[int]:
    """Messages in an accepted state that the provider does not have."""
    there = {accept.local_id for accept in ledger.accepts}
    assumed = ledger.decided[Decision.ASSUME_SENT]
    return [
        row.id
        for row in ledger.messages.values()
        if row.state in HANDED_OVER and row.local_id not in there and not assumed[row.id]
    ]


def unsent_but_accepted(ledger: LedgerComparison) -> list[int]:
    there = {accept.local_id for accept in ledger.accepts}
    return [row.id for row in ledger.messages.values() if row.state in UNSENT and row.local_id in there]


def accepted_while_closed(ledger: LedgerComparison) -> list[int]:
    return [
        row.id
        for accept in ledger.accepts
        if (row := ledger.of(accept))
        and not is_open(ledger.organizations[row.organization_id], accept.at + ledger.shift)
        and not is_open(ledger.organizations[row.organization_id], accept.at + ledger.shift - _LATENCY)
    ]


def accepted_after_cancel(ledger: LedgerComparison) -> list[int]:
    return [
        row.id
        for accept in ledger.accepts
        if (row := ledger.of(accept))
        and row.cancelled_at is not None
        and accept.at + ledger.shift > row.cancelled_at + CANCEL_GRACE
    ]


def accepted_after_opt_out(ledger: LedgerComparison) -> list[int]:
    return [
        row.id
        for accept in ledger.accepts
        if (row := ledger.of(accept))
        and (at := ledger.opted_out.get((row.organization_id, digest_number(row.mobile))))
        and accept.at + ledger.shift > at + _LATENCY
    ]


def accepted_with_other_content(ledger: LedgerComparison) -> list[int]:
    """Messages that were accepted with another text or number than ours."""
    return [
        row.id
        for accept in ledger.accepts
        if (row := ledger.of(accept)) and (accept.text, accept.mobile) != (row.body, row.mobile)
    ]


def numbers_with_two(ledger: LedgerComparison) -> list[int]:
    repeated = ledger.decided[Decision.SEND_AGAIN]
    of_campaigns: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for accept in ledger.accepts:
        if row := ledger.of(accept):
            of_campaigns[row.campaign_id, accept.mobile].append(row)
    return [
        rows[0].id
        for rows in of_campaigns.values()
        if len(rows) > 1 + sum(repeated[key] for key in {row.id for row in rows})
    ]


COMPARISONS: tuple[tuple[str, str, Callable[[LedgerComparison], list[Any]]], ...] = (
    ("I-1", "the provider accepted no message twice", accepted_twice),
    ("I-3", "an attempt was recorded before the acceptance", accepted_before_attempt),
    ("I-3", "the provider has the messages shown as sent", sent_but_missing),
    ("I-3", "the provider lacks the messages shown as unsent", unsent_but_accepted),
    ("I-8", "the provider accepted nothing outside the sending hours", accepted_while_closed),
    ("I-8", "the provider accepted nothing after a cancellation", accepted_after_cancel),
    ("I-9", "the provider accepted nothing after an opt-out", accepted_after_opt_out),
    ("I-14", "the provider accepted our text and number", accepted_with_other_content),
    ("I-17", "a number got one message per campaign", numbers_with_two),
)
