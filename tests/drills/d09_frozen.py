"""D-09: a worker is frozen within its call; its answer comes when its messages are long looked up."""

from __future__ import annotations

import signal

from sqlalchemy import select

from models.sms.provider import SmsProviderHealth
from tests.drills.processes import pause, wait_for
from tests.drills.stage import Stage
from tests.drills.verdict import Judge

FROZEN = 20.0


def run(stage: Stage, judge: Judge) -> None:
    keys = stage.customers(100)
    stage.sandbox.control(slow=2)
    frozen, other = stage.workers
    frozen.start()
    stage.beat.start()
    stage.send(keys)
    wait_for(stage.sandbox.accepts, "the first call")
    frozen.signal(signal.SIGSTOP)
    other.start()
    pause(FROZEN)
    frozen.signal(signal.SIGCONT)
    wait_for(lambda: _conflicts(stage), "the late answer")
    stage.wait_until_over()
    judge.note(late_answers=_conflicts(stage))


def _conflicts(stage: Stage) -> int:
    return stage.look(lambda session: session.scalar(select(SmsProviderHealth.lease_conflicts))) or 0
