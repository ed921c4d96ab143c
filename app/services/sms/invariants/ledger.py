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
    both = _load(list(accepts))
    return [
        InvariantResult(name, says, list(dict.fromkeys(find(both)))[:_LIMIT])
        for name, says, find in COMPARISONS
    ]


def _load(accepts: Sequence[AcceptedMessage]) -> LedgerComparison:
    columns: list[Any] = [SmsMessage.id, SmsMessage.organization_id, SmsMessage.campaign_id, SmsMessage.state]
    columns += [SmsMessage.local_id, SmsMessage.mobile, SmsMessage.body, SmsMessage.attempt_no]
    joined = select(*columns, SmsCampaign.cancelled_at).join(SmsCampaign)
    begun = select(SmsAttempt.message_id, func.min(SmsAttempt.started_at)).group_by(SmsAttempt.message_id)
    decided: dict[Decision, Counter[int]] = defaultdict(Counter)
    for key, decision in _fetch_all(select(SmsDecision.message_id, SmsDecision.decision)):
        decided[decision][key] += 1
    outs = _fetch_all(select(SmsOptOut.organization_id, SmsOptOut.mobile, SmsOptOut.at))
    return LedgerComparison(
        accepts=accepts,
        messages={row.local_id: row for row in _fetch_all(joined)},
        first_call=dict(_fetch_all(begun)),
        decided=decided,
        opted_out={(who, mobile): at for who, mobile, at in outs},
        organizations={row.id: row for row in db.session.scalars(select(Organization))},
        shift=now() - datetime.now(UTC),
    )


def _fetch_all(statement: Any) -> list[Any]:
    # Unscoped, because the audit covers all organisations; its results contain ids only.
    return list(db.session.execute(statement, execution_options={"unscoped": True}))


def accepted_twice(both: LedgerComparison) -> list[int]:
    """Local ids that were accepted more often than once plus the manual decisions to send again."""
    again = both.decided[Decision.SEND_AGAIN]
    times = Counter(accept.local_id for accept in both.accepts if accept.local_id)
    return [
        local_id
        for local_id, count in times.items()
        if count > 1 + (again[both.messages[local_id].id] if local_id in both.messages else 0)
    ]


def accepted_unasked(both: LedgerComparison) -> list[Any]:
    """Accepted messages that we do not have, or whose first attempt was recorded later."""
    return [
        accept.local_id
        for accept in both.accepts
        if (row := both.of(accept)) is None
        or both.first_call.get(row.id, datetime.max.replace(tzinfo=UTC)) > accept.at + _CLOCK_SKEW
    ]


def shown_as_sent(both: LedgerComparison) -> list[int]:
    """Messages in an accepted state that the provider does not have."""
    there = {accept.local_id for accept in both.accepts}
    assumed = both.decided[Decision.ASSUME_SENT]
    return [
        row.id
        for row in both.messages.values()
        if row.state in HANDED_OVER and row.local_id not in there and not assumed[row.id]
    ]


def shown_as_unsent(both: LedgerComparison) -> list[int]:
    there = {accept.local_id for accept in both.accepts}
    return [row.id for row in both.messages.values() if row.state in UNSENT and row.local_id in there]


def accepted_while_closed(both: LedgerComparison) -> list[int]:
    return [
        row.id
        for accept in both.accepts
        if (row := both.of(accept))
        and not is_open(both.organizations[row.organization_id], accept.at + both.shift)
        and not is_open(both.organizations[row.organization_id], accept.at + both.shift - _LATENCY)
    ]


def accepted_after_cancel(both: LedgerComparison) -> list[int]:
    return [
        row.id
        for accept in both.accepts
        if (row := both.of(accept))
        and row.cancelled_at is not None
        and accept.at + both.shift > row.cancelled_at + CANCEL_GRACE
    ]


def accepted_after_opt_out(both: LedgerComparison) -> list[int]:
    return [
        row.id
        for accept in both.accepts
        if (row := both.of(accept))
        and (at := both.opted_out.get((row.organization_id, row.mobile)))
        and accept.at + both.shift > at + _LATENCY
    ]


def accepted_otherwise(both: LedgerComparison) -> list[int]:
    """Messages that were accepted with another text or number than ours."""
    return [
        row.id
        for accept in both.accepts
        if (row := both.of(accept)) and (accept.text, accept.mobile) != (row.body, row.mobile)
    ]


def handsets_with_two(both: LedgerComparison) -> list[int]:
    again = both.decided[Decision.SEND_AGAIN]
    of_campaigns: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for accept in both.accepts:
        if row := both.of(accept):
            of_campaigns[row.campaign_id, accept.mobile].append(row)
    return [
        rows[0].id
        for rows in of_campaigns.values()
        if len(rows) > 1 + sum(again[key] for key in {row.id for row in rows})
    ]


COMPARISONS: tuple[tuple[str, str, Callable[[LedgerComparison], list[Any]]], ...] = (
    ("I-1", "the provider accepted no message twice", accepted_twice),
    ("I-3", "what the provider accepted was written down before", accepted_unasked),
    ("I-3", "what is shown as sent is with the provider", shown_as_sent),
    ("I-3", "what is shown as unsent is not", shown_as_unsent),
    ("I-8", "the provider accepted nothing outside the window", accepted_while_closed),
    ("I-8", "the provider accepted nothing after a cancellation", accepted_after_cancel),
    ("I-9", "the provider accepted nothing for who had opted out", accepted_after_opt_out),
    ("I-14", "the provider accepted the text and the number that we have", accepted_otherwise),
    ("I-17", "a handset got one message of a campaign", handsets_with_two),
)
