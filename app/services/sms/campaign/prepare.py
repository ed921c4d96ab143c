"""A campaign's messages, made from its frozen choice in chunks: each one transaction, none of them twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, true

from app.extensions import db
from app.gateways.task_queue import enqueue_after_commit
from app.lib.clock import now
from app.services.bulk import insert_many
from app.services.sms.campaign.recipients import Selection, candidates, refusal_of
from app.services.sms.lease import WAKE
from app.services.sms.quota import QuotaExceeded, give_back, hand_to_messages
from app.services.sms.text.render import LONGEST, Rendered, fields_of_row, pages, text_for
from app.services.sms.text.variables import Gaps, MissingVariables
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
from models.sms.message import MessageState, SmsMessage, local_ids
from models.sms.quota import SmsLocalId
from models.tenancy.scope import fill_tenant

SINGLE_PRIORITY, BULK_PRIORITY = 1, 5


def gaps_of(campaign: SmsCampaign) -> Gaps:
    return Gaps(campaign.values["fixed"], campaign.values["record"])


def lock_preparing(campaign_id: int) -> SmsCampaign | None:
    """The campaign, held against every other job until the commit, as long as it is still to be prepared."""
    statement = select(SmsCampaign).where(
        SmsCampaign.id == campaign_id, SmsCampaign.status == CampaignStatus.PREPARING
    )
    return db.session.scalar(statement.with_for_update().execution_options(populate_existing=True))


def prepare_chunk(campaign: SmsCampaign) -> bool:
    """Make the messages of the next chunk and flush; returns whether there may be more.

    When the month's pages don't suffice the campaign is paused where it is: nothing of it has left by then.
    """
    keys = db.session.scalar(
        select(SmsSelection.keys).where(
            SmsSelection.campaign_id == campaign.id, SmsSelection.number == campaign.next_chunk
        )
    )
    if keys is None:
        _begin(campaign)
        return False
    _plan_anew()
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
        _begin(campaign)
        return False
    return True


def _plan_anew() -> None:
    """The tables grow by thousands meanwhile; what PostgreSQL planned for empty ones would read all of them for each row.

    That holds for its checks of foreign keys above all.
    """
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DISCARD PLANS")


def _begin(campaign: SmsCampaign) -> None:
    """All messages stand there: give back what none of them needs, and let them go when it is time."""
    give_back(campaign, campaign.reserved)
    is_later = campaign.scheduled_at is not None and campaign.scheduled_at > now()
    campaign.status = CampaignStatus.SCHEDULED if is_later else CampaignStatus.RUNNING
    if campaign.total == 0:
        campaign.status, campaign.finished_at = CampaignStatus.FINISHED, now()
    db.session.flush()
    enqueue_after_commit(WAKE)


def _make_messages(campaign: SmsCampaign, keys: Sequence[int]) -> None:
    condition: ColumnElement[bool] = Selection(campaign.audience, keys).condition()
    rows = db.session.execute(candidates(campaign.audience, condition)).all()
    made, left_out = _divide(campaign, rows)
    left_out += [
        _exclusion(campaign, key, reason=LeftOut.GONE) for key in set(keys) - {row.key for row in rows}
    ]
    if made:
        left_out += [_repeated(values) for values in _insert(campaign, made)]
    if left_out:
        db.session.execute(insert(SmsExclusion), fill_tenant(db.session(), left_out))


def _divide(campaign: SmsCampaign, rows: Sequence[Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The values of messages, and of exclusions."""
    gaps, seen = gaps_of(campaign), set[str]()
    made: list[dict[str, Any]] = []
    left_out: list[dict[str, Any]] = []
    for row in rows:
        rendered = text_for(campaign, gaps, fields_of_row(row, row.product))
        if rendered.missing and campaign.kind is CampaignKind.SINGLE:
            raise MissingVariables(rendered.missing)
        reason = _refusal(row, rendered, seen)
        if reason is None:
            made.append(_message(campaign, row, rendered.text))
        else:
            details = "، ".join(rendered.missing)[:200] if reason is LeftOut.MISSING_VALUE else ""
            left_out.append(_exclusion(campaign, row.key, reason=reason, row=row, details=details))
    return made, left_out


def _refusal(row: Any, rendered: Rendered, seen: set[str]) -> LeftOut | None:
    if rendered.missing:
        return refusal_of(row, set(seen)) or LeftOut.MISSING_VALUE
    if len(rendered.text) > LONGEST:
        return LeftOut.TOO_LONG
    return refusal_of(row, seen)


def _message(campaign: SmsCampaign, row: Any, text: str) -> dict[str, Any]:
    is_single = campaign.kind is CampaignKind.SINGLE
    return {
        "campaign_id": campaign.id,
        "customer_id": row.customer_id,
        "follow_up_id": row.key if campaign.audience is Audience.FOLLOW_UPS else None,
        "mobile": row.mobile,
        "body": text,
        "segments": pages(text)[0],
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


def _repeated(values: dict[str, Any]) -> dict[str, Any]:
    kept = {name: values[name] for name in ("campaign_id", "follow_up_id", "customer_id", "mobile")}
    return {**kept, "reason": LeftOut.REPEATED, "details": "", "at": now()}


def _insert(campaign: SmsCampaign, made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write messages and their pages; returns those whose number has a message of an earlier chunk.

    The unique index tells that: asking for the numbers first took longer with each chunk.
    """
    for values, local_id in zip(made, take_local_ids(len(made)), strict=True):
        values["local_id"] = local_id
    columns = (SmsMessage.local_id, SmsMessage.id, SmsMessage.segments)
    rows = insert_many(SmsMessage, made, once=("campaign_id", "mobile"), returning=columns)
    found = {local_id: (key, size) for local_id, key, size in rows}
    hand_to_messages(campaign, list(found.values()))
    campaign.total += len(found)
    return [values for values in made if values["local_id"] not in found]


def take_local_ids(number: int) -> list[int]:
    """Numbers that no message has had, ever."""
    if db.session.connection().dialect.name == "postgresql":
        series = func.generate_series(1, number).table_valued("n").render_derived()
        return list(db.session.scalars(select(local_ids.next_value()).select_from(series).where(true())))
    # On SQLite the transaction is the only writer by now.
    counter = db.session.get_one(SmsLocalId, 1, populate_existing=True)
    counter.last += number
    db.session.flush()
    return list(range(counter.last - number + 1, counter.last + 1))
