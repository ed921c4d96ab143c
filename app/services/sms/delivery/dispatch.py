"""Sends batches of messages: claim, begin attempt, call the provider, record the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from time import monotonic

from app.extensions import db
from app.services.audit.record import muted
from app.services.sms.campaign.control import pause_for
from app.services.sms.crash_points import crash_point
from app.services.sms.delivery.attempt import begin_attempt
from app.services.sms.delivery.claim import claim
from app.services.sms.delivery.lanes import Lane, find_lanes
from app.services.sms.delivery.reaper import advance_campaigns
from app.services.sms.delivery.responses import record_results
from app.services.sms.provider import (
    Channel,
    accounts_stopped_for,
    any_is_usable,
    channel_of,
    open_channels,
    reserve_slot,
)
from models.sms.campaign import PauseReason
from models.sms.provider import ProviderStop
from models.tenancy.scope import Actor, acting_as


def drain(seconds: float, is_stopping: Callable[[], bool] = lambda: False) -> bool:
    """Send due messages for at most *seconds*; returns whether more may be due. Commits."""
    until = monotonic() + seconds
    while monotonic() < until and not is_stopping():
        lanes = find_lanes()
        db.session.commit()
        if not lanes:
            return False
        if not _send_from_all(lanes, is_stopping):
            _advance_campaigns(lanes)
            return False
    return True


def _send_from_all(lanes: Sequence[Lane], is_stopping: Callable[[], bool]) -> int:
    """Send one batch of each lane, and of a test by its own account; greater than zero when messages were claimed."""
    sent = 0
    for lane in lanes:
        if lane.provider_id is not None and not is_stopping():
            sent += send_batch(lane, channel_of(lane.provider_id))
    common = [lane for lane in lanes if lane.provider_id is None]
    channels = open_channels() if common else []
    if common and not channels:
        _pause_lanes(common)
    return sent + sum(_send_from_lane(lane, channels, is_stopping) for lane in common)


def _send_from_lane(lane: Lane, channels: Sequence[Channel], is_stopping: Callable[[], bool]) -> int:
    """Send one batch per account; new messages go to the first account only."""
    sent = 0
    for index, channel in enumerate(channels):
        if not is_stopping():
            sent += send_batch(lane, channel, takes_new=index == 0)
    return sent


def send_batch(lane: Lane, channel: Channel, *, takes_new: bool = True) -> int:
    """Send one batch of *lane*; returns a number greater than zero when messages were claimed."""
    with acting_as(db.session(), Actor(lane.organization_id)), muted():
        claimed = claim(lane, provider_id=channel.provider_id, takes_new=takes_new, limit=channel.batch)
        if claimed is None:
            return 0
        crash_point("after_claim")
        _wait_for_slot(channel)
        batch = begin_attempt(claimed, provider_id=channel.provider_id)
        if batch is None:
            return 1
        crash_point("after_attempt")
        # No transaction is open during the call.
        results = channel.gateway.send(batch.outgoing())
        crash_point("after_call")
        record_results(batch, results)
        crash_point("after_result")
        return len(batch.rows)


def _wait_for_slot(channel: Channel) -> None:
    """Wait for the account's rate limit.

    It runs after the claim, so that idle workers use no slots. When the lease expires during the wait,
    `begin_attempt` returns None.
    """
    wait = reserve_slot(channel)
    if wait > 0:
        Event().wait(wait)


def _pause_lanes(lanes: Sequence[Lane]) -> None:
    """Pause the campaigns when every account has a lasting stop."""
    if any_is_usable():
        return
    has_no_credit = bool(accounts_stopped_for(ProviderStop.CREDIT))
    reason = PauseReason.CREDIT if has_no_credit else PauseReason.PROVIDER
    for organization_id in {lane.organization_id for lane in lanes}:
        with acting_as(db.session(), Actor(organization_id)) as session:
            pause_for(reason)
            session.commit()


def _advance_campaigns(lanes: Sequence[Lane]) -> None:
    for organization_id in {lane.organization_id for lane in lanes}:
        with acting_as(db.session(), Actor(organization_id)) as session, muted():
            advance_campaigns()
            session.commit()
