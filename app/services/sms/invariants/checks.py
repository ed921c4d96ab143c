"""Invariants of messages, campaigns and quotas; each check selects the ids of rows that violate one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Interval, Select, and_, case, distinct, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.lib.number_digest import digest_number
from app.services.job.lease import database_now
from app.services.sms.invariants.slow_checks import outside_selection, outside_window, wrong_page_counts
from app.services.sms.invariants.transitions import missing_trigger, states_without_attempt
from models.customer import Customer
from models.follow_up import FollowUp
from models.sms.attempt import AttemptOutcome, Decision, SmsAttempt, SmsDecision
from models.sms.campaign import CampaignStatus, SmsCampaign
from models.sms.consent import SmsOptOut
from models.sms.message import HANDED_OVER, LEASED, UNSENT, MessageState, SmsMessage
from models.sms.quota import LedgerKind, SmsLedger

_DOUBTFUL = (AttemptOutcome.UNKNOWN, AttemptOutcome.LOST)
_MOST = 20
_IN_HAND = (*LEASED, MessageState.QUEUED, MessageState.UNKNOWN)
DAY, CANCEL_GRACE, QUIET = timedelta(hours=24), timedelta(seconds=90), timedelta(minutes=15)


@dataclass(frozen=True)
class InvariantResult:
    """One invariant and the first ids of rows that violate it."""

    name: str
    says: str
    broken: Sequence[Any]

    @property
    def holds(self) -> bool:
        return not self.broken


def check() -> list[InvariantResult]:
    """Check all invariants in all organisations; read-only."""
    return [InvariantResult(name, says, _run(find)) for name, says, find in INVARIANTS]


def _run(find: Callable[[], Select[Any] | Sequence[Any]]) -> Sequence[Any]:
    found = find()
    if not isinstance(found, Select):
        return found
    # Unscoped, because the audit covers all organisations; only ids are read.
    return db.session.scalars(found.limit(_MOST), execution_options={"unscoped": True}).all()


def _attempts_of(message: Any) -> Any:
    return select(func.count()).where(SmsAttempt.message_id == message.id).scalar_subquery()


def attempts_miscounted() -> Select[Any]:
    return select(SmsMessage.id).where(SmsMessage.attempt_no != _attempts_of(SmsMessage))


def two_open_attempts() -> Select[Any]:
    opened = select(SmsAttempt.message_id).where(SmsAttempt.finished_at.is_(None))
    return opened.group_by(SmsAttempt.message_id).having(func.count() > 1)


def accepted_without_attempt() -> Select[Any]:
    tried = exists().where(
        SmsAttempt.message_id == SmsMessage.id, SmsAttempt.provider_id == SmsMessage.provider_id
    )
    return select(SmsMessage.id).where(SmsMessage.state.in_(HANDED_OVER), ~tried)


def tried_again_without_proof() -> Select[Any]:
    earlier = aliased(SmsAttempt)
    proven = exists().where(
        SmsDecision.message_id == earlier.message_id, SmsDecision.attempt_no == earlier.attempt_no
    )
    is_next = and_(
        earlier.message_id == SmsAttempt.message_id, earlier.attempt_no == SmsAttempt.attempt_no - 1
    )
    return select(SmsAttempt.message_id).join(earlier, is_next).where(earlier.outcome.in_(_DOUBTFUL), ~proven)


def totals_that_differ() -> Select[Any]:
    number = select(func.count()).where(SmsMessage.campaign_id == SmsCampaign.id).scalar_subquery()
    return select(SmsCampaign.id).where(SmsCampaign.total != number)


def overdue_messages() -> Select[Any]:
    return select(SmsMessage.id).where(
        SmsMessage.state.in_(_IN_HAND), SmsMessage.expires_at < database_now() - DAY
    )


def accepted_without_number() -> Select[Any]:
    assumed = exists().where(
        SmsDecision.message_id == SmsMessage.id, SmsDecision.decision == Decision.ASSUME_SENT
    )
    return select(SmsMessage.id).where(
        SmsMessage.state.in_(HANDED_OVER), SmsMessage.provider_message_id.is_(None), ~assumed
    )


def called_after_cancel() -> Select[Any]:
    return (
        select(SmsAttempt.message_id)
        .join(SmsMessage, SmsMessage.id == SmsAttempt.message_id)
        .join(SmsCampaign, SmsCampaign.id == SmsMessage.campaign_id)
        .where(_later_than(SmsAttempt.started_at, SmsCampaign.cancelled_at, CANCEL_GRACE))
    )


def called_after_opt_out() -> Sequence[int]:
    """The numbers are compared by their digests, which the database can't compute."""
    listed = select(SmsOptOut.organization_id, SmsOptOut.number_digest, SmsOptOut.at)
    # As all checks: over every organisation.
    unscoped = {"unscoped": True}
    moments = {(row[0], row[1]): row.at for row in db.session.execute(listed, execution_options=unscoped)}
    if not moments:
        return []
    called = (
        select(SmsMessage.id, SmsMessage.organization_id, SmsMessage.mobile, SmsAttempt.started_at)
        .join(SmsMessage, SmsMessage.id == SmsAttempt.message_id)
        .where(SmsAttempt.started_at > min(moments.values()) + CANCEL_GRACE)
    )
    rows = db.session.execute(called, execution_options=unscoped | {"yield_per": 1_000})
    late = (
        row.id
        for row in rows
        if (at := moments.get((row.organization_id, digest_number(row.mobile))))
        and row.started_at > at + CANCEL_GRACE
    )
    return list(islice(late, _MOST))


def _later_than(moment: Any, other: Any, grace: timedelta) -> Any:
    """Whether *moment* is later than *other* by more than *grace*, on either database."""
    if db.session.connection().dialect.name == "postgresql":
        return moment - other > literal(grace, Interval)
    return func.julianday(moment) - func.julianday(other) > grace / timedelta(days=1)


def called_unconfirmed() -> Select[Any]:
    waiting = (CampaignStatus.PREPARING, CampaignStatus.SCHEDULED)
    return (
        select(SmsMessage.id)
        .join(SmsCampaign, SmsCampaign.id == SmsMessage.campaign_id)
        .where(SmsCampaign.status.in_(waiting), SmsMessage.attempt_no > 0, SmsMessage.look_ups == 0)
    )


def ledger_off_balance() -> Select[Any]:
    sign = case((SmsLedger.kind == LedgerKind.RESERVE, SmsLedger.amount), else_=-SmsLedger.amount)
    reserved = (
        select(func.coalesce(func.sum(sign), 0))
        .where(SmsLedger.campaign_id == SmsCampaign.id)
        .scalar_subquery()
    )
    open_states = (*_IN_HAND, MessageState.NEEDS_REVIEW)
    needed = (
        select(func.coalesce(func.sum(SmsMessage.segments), 0))
        .where(SmsMessage.campaign_id == SmsCampaign.id, SmsMessage.state.in_(open_states))
        .scalar_subquery()
    )
    return select(SmsCampaign.id).where(reserved != needed + SmsCampaign.reserved)


def of_several_organisations() -> Select[Any]:
    return (
        select(SmsMessage.id)
        .join(SmsCampaign, SmsCampaign.id == SmsMessage.campaign_id)
        .outerjoin(FollowUp, FollowUp.id == SmsMessage.follow_up_id)
        .outerjoin(Customer, Customer.id == SmsMessage.customer_id)
        .where(
            or_(
                SmsCampaign.organization_id != SmsMessage.organization_id,
                FollowUp.organization_id != SmsMessage.organization_id,
                Customer.organization_id != SmsMessage.organization_id,
            )
        )
    )


def final_without_time() -> Select[Any]:
    final = [*UNSENT, MessageState.DELIVERED, MessageState.UNDELIVERED, MessageState.BLOCKED]
    return select(SmsMessage.id).where(SmsMessage.state.in_(final) != SmsMessage.final_at.is_not(None))


def twice_to_one_number() -> Select[Any]:
    keys = (SmsMessage.campaign_id, SmsMessage.mobile)
    return select(func.min(SmsMessage.id)).group_by(*keys).having(func.count(distinct(SmsMessage.id)) > 1)


def expired_leases() -> Select[Any]:
    return select(SmsMessage.id).where(
        SmsMessage.state.in_(LEASED), SmsMessage.lease_until < database_now() - QUIET
    )


INVARIANTS: tuple[tuple[str, str, Callable[[], Any]], ...] = (
    ("I-1", "a message has one attempt row per attempt", attempts_miscounted),
    ("I-2", "no message has two open attempts", two_open_attempts),
    ("I-3", "an accepted message has an attempt", accepted_without_attempt),
    ("I-4", "no attempt after an unanswered one without proof or decision", tried_again_without_proof),
    ("I-5", "the states of a campaign add up to its total", totals_that_differ),
    ("I-6", "every message is settled in time", overdue_messages),
    ("I-7", "an accepted message has the provider's id", accepted_without_number),
    ("I-8", "no call outside the sending hours", outside_window),
    ("I-8", "no call after a cancellation", called_after_cancel),
    ("I-9", "no call to a number that has opted out", called_after_opt_out),
    ("I-10", "no call for a campaign that has not started", called_unconfirmed),
    ("I-11", "the ledger reserves the pages of open messages", ledger_off_balance),
    ("I-12", "messages go to selected receivers only", outside_selection),
    ("I-13", "message, campaign and record belong to one organisation", of_several_organisations),
    ("I-14", "the page count of a message fits its text", wrong_page_counts),
    ("I-15", "the state follows from the attempts", states_without_attempt),
    ("I-16", "the database refuses invalid moves", missing_trigger),
    ("I-16", "a final state has its time", final_without_time),
    ("I-17", "a number gets one message per campaign", twice_to_one_number),
    ("I-18", "expired leases are released", expired_leases),
)
