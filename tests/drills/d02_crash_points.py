"""D-02: workers are killed repeatedly at each of the six crash points."""

from __future__ import annotations

from time import monotonic

from sqlalchemy import func, select

from app.services.sms.crash_points import POINTS
from models.sms.message import SmsMessage
from tests.drills.drill_run import DrillRun
from tests.drills.processes import pause, wait_for
from tests.drills.result import DrillChecks

TIMES, BATCH = 6, 20
# The only point with a recorded attempt and no call: the message is looked up, not found, and sent again.
_TWICE = "after_attempt"


def run(drill: DrillRun, checks: DrillChecks) -> None:
    for point in POINTS:
        keys = drill.customers(TIMES * BATCH)
        drill.start(CRASH_AT=point)
        campaign = drill.send(keys)
        crashes = _let_them_crash(drill, campaign)
        drill.stop()
        drill.start()
        drill.wait_until_over()
        drill.stop()
        checks.expect(crashes >= TIMES - 2, f"{point}: only {crashes} crashes")
        most = drill.look(
            lambda session, key=campaign: session.scalar(
                select(func.max(SmsMessage.attempt_no)).where(SmsMessage.campaign_id == key)
            )
        )
        checks.expect(most == (2 if point == _TWICE else 1), f"{point}: {most} attempts")
        checks.note(**{point: crashes})


def _let_them_crash(drill: DrillRun, campaign: int) -> int:
    """Send ticks until the workers have crashed `TIMES` times or the time is over; returns the number of crashes."""
    wait_for(lambda: all(worker.children() for worker in drill.workers), "the workers")
    drill.tick("sms.prepare")
    wait_for(lambda: drill.states(campaign).total() == TIMES * BATCH, "the messages")
    crashes, until = 0, monotonic() + 40
    pools = {worker.name: worker.children() for worker in drill.workers}
    while crashes < TIMES and monotonic() < until:
        drill.tick()
        pause(0.4)
        for worker in drill.workers:
            now = worker.children()
            crashes += bool(now and now != pools[worker.name])
            pools[worker.name] = now or pools[worker.name]
    return crashes
