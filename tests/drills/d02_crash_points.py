"""D-02: a worker dies exactly at each of six places, again and again."""

from __future__ import annotations

from time import monotonic

from sqlalchemy import func, select

from app.services.sms.crash_points import POINTS
from models.sms.message import SmsMessage
from tests.drills.processes import pause, wait_for
from tests.drills.stage import Stage
from tests.drills.verdict import Judge

TIMES, BATCH = 6, 20
# Only there something was written down and nothing sent: it is looked up, not found, and sent once more.
_TWICE = "after_attempt"


def run(stage: Stage, judge: Judge) -> None:
    for point in POINTS:
        keys = stage.customers(TIMES * BATCH)
        stage.start(CRASH_AT=point)
        campaign = stage.send(keys)
        crashes = _let_them_crash(stage, campaign)
        stage.stop()
        stage.start()
        stage.wait_until_over()
        stage.stop()
        judge.expect(crashes >= TIMES - 2, f"{point}: only {crashes} crashes")
        most = stage.look(
            lambda session, key=campaign: session.scalar(
                select(func.max(SmsMessage.attempt_no)).where(SmsMessage.campaign_id == key)
            )
        )
        judge.expect(most == (2 if point == _TWICE else 1), f"{point}: {most} attempts")
        judge.note(**{point: crashes})


def _let_them_crash(stage: Stage, campaign: int) -> int:
    """Wake the workers until they have died often enough, or nothing is left to die of."""
    wait_for(lambda: all(worker.children() for worker in stage.workers), "the workers")
    stage.tick("sms.prepare")
    wait_for(lambda: stage.states(campaign).total() == TIMES * BATCH, "the messages")
    crashes, until = 0, monotonic() + 40
    pools = {worker.name: worker.children() for worker in stage.workers}
    while crashes < TIMES and monotonic() < until:
        stage.tick()
        pause(0.4)
        for worker in stage.workers:
            now = worker.children()
            crashes += bool(now and now != pools[worker.name])
            pools[worker.name] = now or pools[worker.name]
    return crashes
