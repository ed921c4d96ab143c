"""A campaign held, let go on or cancelled, by a person or by what providers say; and found to be at its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import exists, select, update

from app.errors import Conflict
from app.extensions import db
from app.gateways.task_queue import enqueue_after_commit
from app.lib.clock import now
from app.services.audit.record import muted, note, record
from app.services.sms.lease import PREPARE, WAKE, begin_writing
from app.services.sms.quota import give_back, settle
from models.sms.campaign import CampaignStatus, LeftOut, PauseReason, SmsCampaign
from models.sms.message import MessageState, SmsMessage
from models.sms.quota import LedgerKind

_PAUSABLE = frozenset({CampaignStatus.SCHEDULED, CampaignStatus.RUNNING})
_CANCELLABLE = _PAUSABLE | {CampaignStatus.PREPARING, CampaignStatus.PAUSED}
_UNDER_WAY = (
    MessageState.QUEUED,
    MessageState.CLAIMED,
    MessageState.SUBMITTING,
    MessageState.UNKNOWN,
)


def pause(campaign: SmsCampaign, *, row_version: int | None = None) -> None:
    """Claim no more of its messages; those on the wire arrive."""
    held = _lock(campaign, row_version, _PAUSABLE, _("Only a running campaign can be paused."))
    _turn(held, CampaignStatus.PAUSED, PauseReason.USER)


def resume(campaign: SmsCampaign, *, row_version: int | None = None) -> None:
    """Go on where it stopped, also in the middle of being prepared."""
    held = _lock(campaign, row_version, {CampaignStatus.PAUSED}, _("This campaign is not paused."))
    if held.pause_reason is PauseReason.QUOTA:
        _turn(held, CampaignStatus.PREPARING)
        enqueue_after_commit(PREPARE)
        return
    is_later = held.scheduled_at is not None and held.scheduled_at > now()
    _turn(held, CampaignStatus.SCHEDULED if is_later else CampaignStatus.RUNNING)
    enqueue_after_commit(WAKE)


def cancel(campaign: SmsCampaign, *, row_version: int | None = None) -> int:
    """Take back what no worker has in hand; returns how many messages. At most one batch a worker still leaves."""
    held = _lock(campaign, row_version, _CANCELLABLE, _("This campaign can't be cancelled any more."))
    held.cancelled_at = now()
    _turn(held, CampaignStatus.CANCELLING)
    with muted():
        number = cancel_queued(held)
        give_back(held, held.reserved)
    find_end(held)
    return number


def _lock(campaign: SmsCampaign, row_version: int | None, allowed: Any, refusal: Any) -> SmsCampaign:
    """Whoever hands over messages holds the row for reading, so one of the two waits or is told."""
    begin_writing()
    held = db.session.scalars(
        select(SmsCampaign)
        .where(SmsCampaign.id == campaign.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if held.status not in allowed or (row_version is not None and held.row_version != row_version):
        raise Conflict(refusal)
    return held


def _turn(campaign: SmsCampaign, status: CampaignStatus, reason: PauseReason | None = None) -> None:
    before = campaign.status
    campaign.status, campaign.pause_reason = status, reason
    record("status", campaign, before={"status": before.value}, after={"status": status.value})
    db.session.flush()


def cancel_queued(campaign: SmsCampaign) -> int:
    """What stands in the queue of a cancelled campaign is taken back, its pages too."""
    statement = (
        update(SmsMessage)
        .where(SmsMessage.campaign_id == campaign.id, SmsMessage.state == MessageState.QUEUED)
        .values(state=MessageState.CANCELLED, left_out=LeftOut.CANCELLED, final_at=now())
        .returning(SmsMessage.id, SmsMessage.campaign_id, SmsMessage.segments)
        .execution_options(synchronize_session=False)
    )
    taken = db.session.execute(statement).all()
    settle(LedgerKind.RELEASE, taken)
    return len(taken)


def find_end(campaign: SmsCampaign) -> bool:
    """Whether nothing of a campaign is under way any more; then it is over."""
    if campaign.status not in {CampaignStatus.RUNNING, CampaignStatus.CANCELLING}:
        return False
    is_cancelled = campaign.status is CampaignStatus.CANCELLING
    if is_cancelled:
        cancel_queued(campaign)
    under_way = exists().where(SmsMessage.campaign_id == campaign.id, SmsMessage.state.in_(_UNDER_WAY))
    if db.session.scalar(select(SmsCampaign.id).where(SmsCampaign.id == campaign.id, under_way)):
        return False
    campaign.status = CampaignStatus.CANCELLED if is_cancelled else CampaignStatus.FINISHED
    campaign.finished_at = now()
    db.session.flush()
    return True


def start_scheduled() -> int:
    """Let go what was scheduled for now; returns how many campaigns."""
    statement = select(SmsCampaign).where(
        SmsCampaign.status == CampaignStatus.SCHEDULED, SmsCampaign.scheduled_at <= now()
    )
    due = db.session.scalars(statement.with_for_update(skip_locked=True)).all()
    for campaign in due:
        campaign.status = CampaignStatus.RUNNING
    db.session.flush()
    return len(due)


def pause_for(reason: PauseReason, campaign_ids: Sequence[int] | None = None) -> int:
    """Hold running campaigns because of a provider; returns how many."""
    statement = select(SmsCampaign).where(SmsCampaign.status == CampaignStatus.RUNNING)
    if campaign_ids is not None:
        statement = statement.where(SmsCampaign.id.in_(campaign_ids))
    return _turn_all(statement, CampaignStatus.PAUSED, reason)


def resume_from(reason: PauseReason) -> int:
    """Let go on what was held for *reason*; returns how many campaigns."""
    statement = select(SmsCampaign).where(
        SmsCampaign.status == CampaignStatus.PAUSED, SmsCampaign.pause_reason == reason
    )
    return _turn_all(statement, CampaignStatus.RUNNING, None)


def _turn_all(statement: Any, status: CampaignStatus, reason: PauseReason | None) -> int:
    found = db.session.scalars(statement.with_for_update()).all()
    for campaign in found:
        before = {"status": campaign.status.value}
        campaign.status, campaign.pause_reason = status, reason
        # Nobody does it, and still it is told.
        note("status", SmsCampaign, campaign.id, before=before, after={"status": status.value}, row=campaign)
    db.session.flush()
    return len(found)
