"""Records an attempt for each claimed message before the provider is called (step T2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, bindparam, exists, select, update

from app.extensions import db
from app.gateways.sms.base import Outgoing
from app.lib.clock import now
from app.services.bulk import insert_many
from app.services.job.lease import database_now
from app.services.sms.consent import opted_out_among
from app.services.sms.crash_points import crash_point
from app.services.sms.delivery.claim import Claim
from app.services.sms.delivery.lanes import acting_organization
from app.services.sms.lease import begin_writing, call_lease, commit_to_disk, force_custom_plans
from app.services.sms.quota import settle
from app.services.sms.sending_hours import next_opening
from models.customer import Customer
from models.sms.attempt import SmsAttempt
from models.sms.campaign import CampaignStatus, LeftOut, SmsCampaign
from models.sms.consent import SmsBlock
from models.sms.message import MessageState, SmsMessage
from models.sms.quota import LedgerKind

# Rendered as a literal, because a cached plan can use the partial index only when the state is a constant.
CLAIMED = bindparam("claimed", MessageState.CLAIMED, SmsMessage.state.type, literal_execute=True)
_NO_LEASE = {"lease_token": None, "lease_owner": None, "lease_until": None}
# The columns that the later steps need.
COLUMNS = (
    SmsMessage.id,
    SmsMessage.campaign_id,
    SmsMessage.local_id,
    SmsMessage.mobile,
    SmsMessage.body,
    SmsMessage.segments,
    SmsMessage.state,
    SmsMessage.attempt_no,
    SmsMessage.tries,
    SmsMessage.provider_id,
    SmsMessage.provider_message_id,
    SmsMessage.is_doubtful,
    SmsMessage.goes_alone,
    SmsMessage.not_before,
    SmsMessage.expires_at,
    SmsMessage.look_up_after,
    SmsMessage.look_ups,
    SmsMessage.error_code,
    SmsMessage.cost_rials,
    SmsMessage.accepted_at,
    SmsMessage.final_at,
)


@dataclass(frozen=True)
class Batch:
    """Messages to be sent in one call, under one lease."""

    provider_id: int
    lease_token: UUID
    rows: Sequence[Any]

    def outgoing(self) -> list[Outgoing]:
        return [Outgoing(row.local_id, row.mobile, row.body) for row in self.rows]


def begin_attempt(claimed: Claim, *, provider_id: int) -> Batch | None:
    """T2: record an attempt for each claimed message before the call. Commits.

    Messages to receivers who have opted out since are cancelled. Messages that can't be sent now return to
    the queue.
    """
    begin_writing()
    force_custom_plans()
    moment, token = database_now(), claimed.lease_token
    rows = db.session.execute(_claimed_rows(claimed)).all()
    running = _lock_running({row.campaign_id for row in rows})
    opens = next_opening(acting_organization(), now())
    listed = opted_out_among({row.mobile for row in rows})
    willing = [row for row in rows if not (row.is_opted_out or row.mobile in listed)]
    going = [row for row in willing if not row.is_blocked]
    unwilling = [row for row in rows if row.is_opted_out or row.mobile in listed]
    _leave_out(token, unwilling, [row for row in willing if row.is_blocked])
    if opens > now():
        going = _put_back(token, going, not_before=opens)
    stopped = [row for row in going if row.campaign_id not in running]
    if stopped:
        _put_back(token, stopped)
    batch = _submit(token, [row.id for row in going if row.campaign_id in running], provider_id, moment)
    commit_to_disk()
    crash_point("before_attempt")
    db.session.commit()
    return batch


def _claimed_rows(claimed: Claim) -> Select[Any]:
    opted_out = exists(select(1).where(Customer.id == SmsMessage.customer_id, Customer.opted_out))
    blocked = exists(
        select(1).where(
            SmsBlock.mobile == SmsMessage.mobile, SmsBlock.organization_id == SmsMessage.organization_id
        )
    )
    columns: list[Any] = [SmsMessage.id, SmsMessage.campaign_id, SmsMessage.segments, SmsMessage.mobile]
    statement = select(*columns, opted_out.label("is_opted_out"), blocked.label("is_blocked"))
    return statement.where(
        SmsMessage.id.in_(claimed.ids),
        SmsMessage.lease_token == claimed.lease_token,
        SmsMessage.state == CLAIMED,
    )


def _lock_running(campaign_ids: set[int]) -> set[int]:
    """The running campaigns among these, with a shared lock.

    A cancellation therefore waits for this commit, or is already visible here.
    """
    statement = (
        select(SmsCampaign.id)
        .where(SmsCampaign.id.in_(campaign_ids), SmsCampaign.status == CampaignStatus.RUNNING)
        .order_by(SmsCampaign.id)
        .with_for_update(read=True)
    )
    return set(db.session.scalars(statement))


def _leave_out(token: UUID, opted_out: Sequence[Any], blocked: Sequence[Any]) -> None:
    for reason, those in ((LeftOut.OPTED_OUT, opted_out), (LeftOut.BLOCKED, blocked)):
        if those:
            values = {"state": MessageState.CANCELLED, "left_out": reason, "final_at": now()}
            done = _change(token, [row.id for row in those], **values, **_NO_LEASE)
            # A message whose lease has expired belongs to another worker, so its pages are not released.
            settle(LedgerKind.RELEASE, [row for row in those if row.id in done])


def _put_back(token: UUID, rows: Sequence[Any], **values: Any) -> list[Any]:
    _change(token, [row.id for row in rows], state=MessageState.QUEUED, **values, **_NO_LEASE)
    return []


def _change(token: UUID, ids: Sequence[int], **values: Any) -> set[int]:
    """Update the messages that are still leased under *token*; returns their ids."""
    statement = (
        update(SmsMessage)
        .where(
            SmsMessage.id.in_(ids), SmsMessage.lease_token == token, SmsMessage.state == MessageState.CLAIMED
        )
        .values(**values)
        .returning(SmsMessage.id)
        .execution_options(synchronize_session=False)
    )
    return set(db.session.scalars(statement))


def _submit(token: UUID, ids: Sequence[int], provider_id: int, moment: datetime) -> Batch | None:
    if not ids:
        return None
    submitted = db.session.execute(
        update(SmsMessage)
        .where(
            SmsMessage.id.in_(ids),
            SmsMessage.lease_token == token,
            SmsMessage.state == MessageState.CLAIMED,
            SmsMessage.lease_until > moment,
        )
        .values(
            state=MessageState.SUBMITTING,
            attempt_no=SmsMessage.attempt_no + 1,
            provider_id=provider_id,
            lease_until=moment + call_lease(),
        )
        .returning(*COLUMNS)
        .execution_options(synchronize_session=False)
    ).all()
    request_id = uuid4()
    attempts = [
        {
            "message_id": row.id,
            "attempt_no": row.attempt_no,
            "provider_id": provider_id,
            "request_id": request_id,
            "started_at": moment,
        }
        for row in submitted
    ]
    if attempts:
        insert_many(SmsAttempt, attempts)
    return Batch(provider_id, token, submitted) if submitted else None
