"""D-01: a worker is killed every half second for a minute; the database and the broker crash meanwhile."""

from __future__ import annotations

import random
from itertools import count
from time import monotonic

from models.sms.message import HANDED_OVER
from tests.drills.drill_run import DrillRun
from tests.drills.processes import pause, wait_for
from tests.drills.result import DrillChecks

MESSAGES, SECONDS, EVERY = 5000, 60.0, 0.5
_DATABASE_AT, _BROKER_AT = {40, 80}, {60}
# Every this many kills, a whole worker is killed, not only its pool process.
_WHOLE = 12


def run(drill: DrillRun, checks: DrillChecks) -> None:
    keys = drill.customers(MESSAGES)
    # Slow enough that the kills end before the sending does.
    drill.sandbox.control(preset="drill", hold=2, slow=0.5)
    drill.start()
    drill.send(keys)
    wait_for(lambda: len(drill.sandbox.accepts()) >= 100, "the first accepts")
    checks.note(kills=_kill_for_a_minute(drill), done_by_then=drill.number(*HANDED_OVER))
    # After the last kill, all messages must be completed without help.
    drill.wait_until_over(300)


def _kill_for_a_minute(drill: DrillRun) -> int:
    """The number of processes that were killed."""
    dice, until, kills = random.Random(7), monotonic() + SECONDS, 0
    for turn in count(1):
        # A worker exits when its pool process is killed during start-up.
        for worker in drill.workers:
            worker.revive()
        if monotonic() > until:
            return kills
        pause(EVERY)
        victim = dice.choice(drill.workers)
        if turn % _WHOLE == 0:
            victim.kill()
            victim.start()
            kills += 1
        else:
            kills += victim.kill_child()
        if turn in _DATABASE_AT and drill.cluster:
            drill.cluster.stop()
            drill.cluster.start()
        if turn in _BROKER_AT and drill.broker:
            drill.broker.stop()
            drill.broker.start()
            drill.broker.forget()
    return kills
