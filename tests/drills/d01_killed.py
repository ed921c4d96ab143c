"""D-01: a worker is killed every half second for a minute; on the way the database and the broker crash, too."""

from __future__ import annotations

import random
from itertools import count
from time import monotonic

from models.sms.message import HANDED_OVER
from tests.drills.processes import pause, wait_for
from tests.drills.stage import Stage
from tests.drills.verdict import Judge

MESSAGES, SECONDS, EVERY = 5000, 60.0, 0.5
_DATABASE_AT, _BROKER_AT = {40, 80}, {60}
# Every so many kills it is a whole worker with its pool, not only the process that works.
_WHOLE = 12


def run(stage: Stage, judge: Judge) -> None:
    keys = stage.customers(MESSAGES)
    # As slow as it takes for the killing to be over before the sending.
    stage.sandbox.control(preset="drill", hold=2, slow=0.5)
    stage.start()
    stage.send(keys)
    wait_for(lambda: len(stage.sandbox.accepts()) >= 100, "the first accepts")
    judge.note(kills=_kill_for_a_minute(stage), done_by_then=stage.number(*HANDED_OVER))
    # After the last kill everything ends by itself.
    stage.wait_until_over(300)


def _kill_for_a_minute(stage: Stage) -> int:
    """The number of processes that were killed."""
    dice, until, kills = random.Random(7), monotonic() + SECONDS, 0
    for turn in count(1):
        # A worker ends by itself when its pool is killed while it starts.
        for worker in stage.workers:
            worker.revive()
        if monotonic() > until:
            return kills
        pause(EVERY)
        victim = dice.choice(stage.workers)
        if turn % _WHOLE == 0:
            victim.kill()
            victim.start()
            kills += 1
        else:
            kills += victim.kill_child()
        if turn in _DATABASE_AT and stage.cluster:
            stage.cluster.stop()
            stage.cluster.start()
        if turn in _BROKER_AT and stage.broker:
            stage.broker.stop()
            stage.broker.start()
            stage.broker.forget()
    return kills
