"""The way of one batch: taken, written down, handed over, written down again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from time import monotonic

from app.extensions import db
from app.services.audit.record import muted
from app.services.sms.campaign.control import pause_for
from app.services.sms.crash_points import crash_point
from app.services.sms.delivery.claim import Lane, claim, find_lanes, intend
from app.services.sms.delivery.reaper import tidy
from app.services.sms.delivery.responses import finish
from app.services.sms.provider import (
    Channel,
    accounts_stopped_for,
    any_is_usable,
    open_channels,
    take_slot,
)
from models.sms.campaign import PauseReason
from models.sms.provider import ProviderStop
from models.tenancy.scope import Actor, acting_as


def drain(seconds: float, is_stopping: Callable[[], bool] = lambda: False) -> bool:
    """Send until nothing is due, the time is over or the worker stops; returns whether there may be more."""
    until = monotonic() + seconds
    while monotonic() < until and not is_stopping():
        lanes = find_lanes()
        db.session.commit()
        if not lanes:
            return False
        channels = open_channels()
        if not channels:
            _hold(lanes)
            return False
        if not sum(_work(lane, channels, is_stopping) for lane in lanes):
            _tidy(lanes)
            return False
    return True


def _work(lane: Lane, channels: Sequence[Channel], is_stopping: Callable[[], bool]) -> int:
    """One batch by the first account that is well; by the others only what must go back to them."""
    sent = 0
    for place, channel in enumerate(channels):
        if not is_stopping():
            sent += send_batch(lane, channel, takes_new=place == 0)
    return sent


def send_batch(lane: Lane, channel: Channel, *, takes_new: bool = True) -> int:
    """Hand over one batch of *lane*; returns how many messages were taken out of the queue."""
    with acting_as(db.session(), Actor(lane.organization_id)), muted():
        claimed = claim(lane, provider_id=channel.provider_id, takes_new=takes_new, most=channel.batch)
        if claimed is None:
            return 0
        crash_point("after_claim")
        _wait_for_turn(channel)
        batch = intend(claimed, provider_id=channel.provider_id)
        if batch is None:
            return 1
        crash_point("after_intent")
        # No transaction is open while the wire is waited for.
        answers = channel.gateway.send(batch.outgoing())
        crash_point("after_wire")
        finish(batch, answers)
        crash_point("after_result")
        return len(batch.rows)


def _wait_for_turn(channel: Channel) -> None:
    """Only who has something to send takes a turn; should his lease end meanwhile, he intends nothing."""
    wait = take_slot(channel)
    if wait > 0:
        Event().wait(wait)


def _hold(lanes: Sequence[Lane]) -> None:
    """Nobody takes messages, and no rest will help: campaigns say so until somebody or credit helps."""
    if any_is_usable():
        return
    has_no_credit = bool(accounts_stopped_for(ProviderStop.CREDIT))
    reason = PauseReason.CREDIT if has_no_credit else PauseReason.PROVIDER
    for organization_id in {lane.organization_id for lane in lanes}:
        with acting_as(db.session(), Actor(organization_id)) as session:
            pause_for(reason)
            session.commit()


def _tidy(lanes: Sequence[Lane]) -> None:
    for organization_id in {lane.organization_id for lane in lanes}:
        with acting_as(db.session(), Actor(organization_id)) as session, muted():
            tidy()
            session.commit()
