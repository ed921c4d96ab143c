"""Pauses, resumes, cancels and finishes campaigns."""

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
from app.services.sms.lease import DISPATCH_TASK, PREPARE_TASK, begin_writing
from app.services.sms.quota import release_reservation, settle
from models.sms.campaign import CampaignStatus, LeftOut, PauseReason, SmsCampaign
from models.sms.message import MessageState, SmsMessage
from models.sms.quota import LedgerKind

_PAUSABLE = frozenset({CampaignStatus.SCHEDULED, CampaignStatus.RUNNING})
CANCELLABLE = _PAUSABLE | {CampaignStatus.PREPARING, CampaignStatus.PAUSED}
_IN_PROGRESS = (
    MessageState.QUEUED,
    MessageState.CLAIMED,
    MessageState.SUBMITTING,
    MessageState.UNKNOWN,
)


def pause(campaign: SmsCampaign, *, row_version: int | None = None) -> None:
    """Pause *campaign*: its queued messages are not claimed; calls in progress are completed."""
    locked = _lock(campaign, row_version, _PAUSABLE, _("Only a running campaign can be paused."))
    _set_status(locked, CampaignStatus.PAUSED, PauseReason.USER)


def resume(campaign: SmsCampaign, *, row_version: int | None = None) -> None:
    """Resume a paused campaign where it stopped, including its preparation."""
    locked = _lock(campaign, row_version, {CampaignStatus.PAUSED}, _("This campaign is not paused."))
    if locked.pause_reason is PauseReason.QUOTA:
        _set_status(locked, CampaignStatus.PREPARING)
        enqueue_after_commit(PREPARE_TASK)
        return
    is_later = locked.scheduled_at is not None and locked.scheduled_at > now()
    _set_status(locked, CampaignStatus.SCHEDULED if is_later else CampaignStatus.RUNNING)
    enqueue_after_commit(DISPATCH_TASK)


def cancel(campaign: SmsCampaign, *, row_version: int | None = None) -> int:
    """Cancel *campaign* and its queued messages; returns their number.

    Each worker may still send the batch that it has claimed.
    """
    locked = _lock(campaign, row_version, CANCELLABLE, _("This campaign can't be cancelled any more."))
    locked.cancelled_at = now()
    _set_status(locked, CampaignStatus.CANCELLING)
    with muted():
        number = cancel_queued(locked)
        release_reservation(locked, locked.reserved)
    finish_if_done(locked)
    return number


def _lock(campaign: SmsCampaign, row_version: int | None, allowed: Any, refusal: Any) -> SmsCampaign:
    """The campaign locked for an update; raises `Conflict` when its status or version has changed.

    Workers hold a shared lock on the row while they begin an attempt, so the two can't overlap.
    """
    begin_writing()
    locked = db.session.scalars(
        select(SmsCampaign)
        .where(SmsCampaign.id == campaign.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if locked.status not in allowed or (row_version is not None and locked.row_version != row_version):
        raise Conflict(refusal)
    return locked


def _set_status(campaign: SmsCampaign, status: CampaignStatus, reason: PauseReason | None = None) -> None:
    before = campaign.status
    campaign.status, campaign.pause_reason = status, reason
    record("status", campaign, before={"status": before.value}, after={"status": status.value})
    db.session.flush()


def cancel_queued(campaign: SmsCampaign) -> int:
    """Cancel the queued messages of *campaign* and release their pages; returns their number."""
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


def finish_if_done(campaign: SmsCampaign) -> bool:
    """Finish *campaign* when none of its messages is in progress; returns whether it was finished."""
    if campaign.status not in {CampaignStatus.RUNNING, CampaignStatus.CANCELLING}:
        return False
    is_cancelled = campaign.status is CampaignStatus.CANCELLING
    if is_cancelled:
        cancel_queued(campaign)
    in_progress = exists().where(SmsMessage.campaign_id == campaign.id, SmsMessage.state.in_(_IN_PROGRESS))
    if db.session.scalar(select(SmsCampaign.id).where(SmsCampaign.id == campaign.id, in_progress)):
        return False
    campaign.status = CampaignStatus.CANCELLED if is_cancelled else CampaignStatus.FINISHED
    campaign.finished_at = now()
    db.session.flush()
    return True


def start_scheduled() -> int:
    """Start campaigns whose scheduled time has come; returns their number."""
    statement = select(SmsCampaign).where(
        SmsCampaign.status == CampaignStatus.SCHEDULED, SmsCampaign.scheduled_at <= now()
    )
    due = db.session.scalars(statement.with_for_update(skip_locked=True)).all()
    for campaign in due:
        campaign.status = CampaignStatus.RUNNING
    db.session.flush()
    return len(due)


def pause_for(reason: PauseReason, campaign_ids: Sequence[int] | None = None) -> int:
    """Pause running campaigns for *reason*; returns their number."""
    # A test goes on: it is sent by its account in whatever state that is.
    statement = select(SmsCampaign).where(
        SmsCampaign.status == CampaignStatus.RUNNING, SmsCampaign.provider_id.is_(None)
    )
    if campaign_ids is not None:
        statement = statement.where(SmsCampaign.id.in_(campaign_ids))
    return _set_status_of_all(statement, CampaignStatus.PAUSED, reason)


def resume_paused_for(reason: PauseReason) -> int:
    """Resume campaigns that were paused for *reason*; returns their number."""
    statement = select(SmsCampaign).where(
        SmsCampaign.status == CampaignStatus.PAUSED, SmsCampaign.pause_reason == reason
    )
    return _set_status_of_all(statement, CampaignStatus.RUNNING, None)


def _set_status_of_all(statement: Any, status: CampaignStatus, reason: PauseReason | None) -> int:
    found = db.session.scalars(statement.with_for_update()).all()
    for campaign in found:
        before = {"status": campaign.status.value}
        campaign.status, campaign.pause_reason = status, reason
        # The change has no author, but the history must contain it.
        note("status", SmsCampaign, campaign.id, before=before, after={"status": status.value}, row=campaign)
    db.session.flush()
    return len(found)
