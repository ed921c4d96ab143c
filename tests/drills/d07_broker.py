"""D-07: the broker restarts, forgets everything, hangs, and stays away; people go on saving meanwhile."""

from __future__ import annotations

import signal
from collections.abc import Callable
from time import monotonic

from tests.drills.processes import pause, wait_for
from tests.drills.stage import Stage
from tests.drills.verdict import Judge

MESSAGES, AWAY = 1500, 40.0
_SOON, _BACK = 1.0, 15.0


def run(stage: Stage, judge: Judge) -> None:
    broker = stage.broker
    keys, late = stage.customers(MESSAGES), stage.customers(60)
    stage.sandbox.control(slow=0.3)
    stage.start()
    stage.send(keys)
    _wait_for_accepts(stage, 100)
    broker.stop()
    broker.start()
    _wait_for_accepts(stage, 400)
    broker.forget()
    _wait_for_accepts(stage, 600)

    broker.process.signal(signal.SIGSTOP)
    hanging = _seconds(lambda: stage.send(late[:20]))
    broker.process.signal(signal.SIGCONT)
    broker.stop()
    away = _seconds(lambda: stage.send(late[20:40]))
    pause(AWAY)
    before = len(stage.sandbox.accepts())
    broker.start()
    stage.send(late[40:])
    back = _seconds(lambda: _wait_for_accepts(stage, min(before + 1, stage.expected)))

    stage.wait_until_over()
    judge.note(saved_while_away=away, saved_while_hanging=hanging, back_after=back, before=before)
    judge.expect(away < _SOON, f"saving took {away} s without a broker")
    judge.expect(hanging < _SOON * 4, f"saving took {hanging} s with a broker that hangs")
    judge.expect(back <= _BACK, f"went on after {back} s only")


def _wait_for_accepts(stage: Stage, number: int) -> None:
    wait_for(lambda: len(stage.sandbox.accepts()) >= number, f"{number} accepts")


def _seconds(act: Callable[[], object]) -> float:
    began = monotonic()
    act()
    return round(monotonic() - began, 2)
