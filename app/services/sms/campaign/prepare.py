"""Creates a campaign's messages from its stored selection, one chunk per transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, insert, select

from app.extensions import db
from app.gateways.task_queue import enqueue_after_commit
from app.lib.clock import now
from app.lib.persian import fold
from app.lib.sms_text.size import size_of
from app.services.bulk import insert_many
from app.services.sms.campaign.recipients import Selection, candidates
from app.services.sms.campaign.text import CampaignText
from app.services.sms.lease import DISPATCH_TASK
from app.services.sms.local_ids import take_local_ids
from app.services.sms.quota import QuotaExceeded, release_reservation, transfer_to_messages
from app.services.sms.text.limits import current_limits
from app.services.sms.text.variables import MissingVariables, ResolvedVariables
from models.filter_keys import key_name
from models.sms.campaign import (
    Audience,
    CampaignKind,
    CampaignStatus,
    LeftOut,
    PauseReason,
    SmsCampaign,
    SmsExclusion,
    SmsSelection,
)
from models.sms.message import MessageState, SmsMessage
from models.tenancy.scope import fill_tenant

SINGLE_PRIORITY, BULK_PRIORITY = 1, 5


def resolved_variables_of(campaign: SmsCampaign) -> ResolvedVariables:
    return ResolvedVariables(campaign.values["fixed"], campaign.values["record"])


def lock_preparing(campaign_id: int) -> SmsCampaign | None:
    """The campaign locked until the commit; None when it is not in preparation."""
    statement = select(SmsCampaign).where(
        SmsCampaign.id == campaign_id, SmsCampaign.status == CampaignStatus.PREPARING
    )
    return db.session.scalar(statement.with_for_update().execution_options(populate_existing=True))


def prepare_chunk(campaign: SmsCampaign) -> bool:
    """Create the messages of the next chunk and flush; returns whether there may be more chunks.

    When the quota is exceeded, a bulk campaign is paused here; none of its messages has been sent yet.
    """
    keys = db.session.scalar(
        select(SmsSelection.keys).where(
            SmsSelection.campaign_id == campaign.id, SmsSelection.number == campaign.next_chunk
        )
    )
    if keys is None:
        _finish_preparing(campaign)
        return False
    _discard_plans()
    try:
        with db.session.begin_nested():
            _make_messages(campaign, keys)
    except QuotaExceeded:
        if campaign.kind is CampaignKind.SINGLE:
            raise
        campaign.status, campaign.pause_reason = CampaignStatus.PAUSED, PauseReason.QUOTA
        db.session.flush()
        return False
    campaign.next_chunk += 1
    db.session.flush()
    if campaign.kind is CampaignKind.SINGLE:
        _finish_preparing(campaign)
        return False
    return True


def _discard_plans() -> None:
    """Discard PostgreSQL's cached plans, which were made when the tables were still small.

    The tables grow by thousands of rows; with an old plan, each foreign key check would scan a whole table.
    """
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DISCARD PLANS")


def _finish_preparing(campaign: SmsCampaign) -> None:
    """Release the unused reservation and set the next status once all messages exist."""
    release_reservation(campaign, campaign.reserved)
    is_later = campaign.scheduled_at is not None and campaign.scheduled_at > now()
    campaign.status = CampaignStatus.SCHEDULED if is_later else CampaignStatus.RUNNING
    if campaign.total == 0:
        campaign.status, campaign.finished_at = CampaignStatus.FINISHED, now()
    db.session.flush()
    enqueue_after_commit(DISPATCH_TASK)


def _make_messages(campaign: SmsCampaign, keys: Sequence[int]) -> None:
    condition: ColumnElement[bool] = Selection(campaign.audience, keys).condition()
    rows = db.session.execute(candidates(campaign.audience, condition)).all()
    made, left_out = _split(campaign, rows)
    left_out += [
        _exclusion(campaign, key, reason=LeftOut.GONE) for key in set(keys) - {row.key for row in rows}
    ]
    if made:
        left_out += [_repeated_exclusion(values) for values in write_messages(campaign, made)]
    if left_out:
        db.session.execute(insert(SmsExclusion), fill_tenant(db.session(), left_out))


def _split(campaign: SmsCampaign, rows: Sequence[Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(column values of messages, column values of exclusions)."""
    text, seen = CampaignText(campaign, resolved_variables_of(campaign), current_limits()), set[str]()
    made: list[dict[str, Any]] = []
    left_out: list[dict[str, Any]] = []
    for row in rows:
        found = text.for_row(row, seen)
        if found.missing and campaign.kind is CampaignKind.SINGLE:
            raise MissingVariables(found.missing)
        if found.reason is None:
            made.append(_message(campaign, row, found.text))
        else:
            reason, details = found.reason, found.details
            left_out.append(_exclusion(campaign, row.key, reason=reason, row=row, details=details))
    return made, left_out


def _message(campaign: SmsCampaign, row: Any, text: str) -> dict[str, Any]:
    is_single = campaign.kind is CampaignKind.SINGLE
    return {
        "campaign_id": campaign.id,
        "customer_id": row.customer_id,
        "follow_up_id": row.key if campaign.audience is Audience.FOLLOW_UPS else None,
        "mobile": row.mobile,
        "body": text,
        "segments": size_of(text).pages,
        "state": MessageState.QUEUED,
        "priority": SINGLE_PRIORITY if is_single else BULK_PRIORITY,
        "not_before": campaign.scheduled_at or campaign.confirmed_at,
        "expires_at": campaign.expires_at,
        "created_by_id": campaign.created_by_id,
    }


def _exclusion(
    campaign: SmsCampaign, key: int, *, reason: LeftOut, row: Any = None, details: str = ""
) -> dict[str, Any]:
    is_follow_up = campaign.audience is Audience.FOLLOW_UPS
    return {
        "campaign_id": campaign.id,
        "follow_up_id": key if is_follow_up else None,
        "customer_id": row.customer_id if row else (None if is_follow_up else key),
        "mobile": row.mobile if row else None,
        "reason": reason,
        "details": details,
        "at": now(),
    }


def _repeated_exclusion(values: dict[str, Any]) -> dict[str, Any]:
    target = {name: values[name] for name in ("campaign_id", "follow_up_id", "customer_id", "mobile")}
    return {**target, "reason": LeftOut.REPEATED, "details": "", "at": now()}


def write_messages(campaign: SmsCampaign, made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Insert messages and reserve their pages; returns those whose number already has a message.

    The unique index detects them; querying the numbers first would take longer with each chunk.
    """
    for values, local_id in zip(made, take_local_ids(len(made)), strict=True):
        values["local_id"] = local_id
        values[key_name("body")] = fold(values["body"])
    columns = (SmsMessage.local_id, SmsMessage.id, SmsMessage.segments)
    rows = insert_many(SmsMessage, made, once=("campaign_id", "mobile"), returning=columns)
    found = {local_id: (key, size) for local_id, key, size in rows}
    transfer_to_messages(campaign, list(found.values()))
    campaign.total += len(found)
    return [values for values in made if values["local_id"] not in found]
