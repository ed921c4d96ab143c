"""D-09: a worker is suspended during a call; its results arrive after its messages were looked up."""

from __future__ import annotations

import signal

from sqlalchemy import select

from models.sms.provider import SmsProviderHealth
from tests.drills.drill_run import DrillRun
from tests.drills.processes import pause, wait_for
from tests.drills.result import DrillChecks

FROZEN = 20.0


def run(drill: DrillRun, checks: DrillChecks) -> None:
    keys = drill.customers(100)
    drill.sandbox.control(slow=2)
    frozen, other = drill.workers
    frozen.start()
    drill.beat.start()
    drill.send(keys)
    wait_for(drill.sandbox.accepts, "the first call")
    frozen.signal(signal.SIGSTOP)
    other.start()
    pause(FROZEN)
    frozen.signal(signal.SIGCONT)
    wait_for(lambda: _conflicts(drill), "the late answer")
    drill.wait_until_over()
    checks.note(late_answers=_conflicts(drill))


def _conflicts(drill: DrillRun) -> int:
    return drill.look(lambda session: session.scalar(select(SmsProviderHealth.lease_conflicts))) or 0
