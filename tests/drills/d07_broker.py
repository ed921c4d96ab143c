"""D-07: the broker restarts, loses its data, hangs and stays down; saving forms must work meanwhile."""

from __future__ import annotations

import signal
from collections.abc import Callable
from time import monotonic

from tests.drills.drill_run import DrillRun
from tests.drills.processes import pause, wait_for
from tests.drills.result import DrillChecks

MESSAGES, AWAY = 1500, 40.0
_SOON, _BACK = 1.0, 15.0


def run(drill: DrillRun, checks: DrillChecks) -> None:
    broker = drill.broker
    keys, late = drill.customers(MESSAGES), drill.customers(60)
    drill.sandbox.control(slow=0.3)
    drill.start()
    drill.send(keys)
    _wait_for_accepts(drill, 100)
    broker.stop()
    broker.start()
    _wait_for_accepts(drill, 400)
    broker.forget()
    _wait_for_accepts(drill, 600)

    broker.process.signal(signal.SIGSTOP)
    hanging = _seconds(lambda: drill.send(late[:20]))
    broker.process.signal(signal.SIGCONT)
    broker.stop()
    away = _seconds(lambda: drill.send(late[20:40]))
    pause(AWAY)
    before = len(drill.sandbox.accepts())
    broker.start()
    drill.send(late[40:])
    back = _seconds(lambda: _wait_for_accepts(drill, min(before + 1, drill.expected)))

    drill.wait_until_over()
    checks.note(saved_while_away=away, saved_while_hanging=hanging, back_after=back, before=before)
    checks.expect(away < _SOON, f"saving took {away} s without a broker")
    checks.expect(hanging < _SOON * 4, f"saving took {hanging} s with a broker that hangs")
    checks.expect(back <= _BACK, f"went on after {back} s only")


def _wait_for_accepts(drill: DrillRun, number: int) -> None:
    wait_for(lambda: len(drill.sandbox.accepts()) >= number, f"{number} accepts")


def _seconds(act: Callable[[], object]) -> float:
    began = monotonic()
    act()
    return round(monotonic() - began, 2)
