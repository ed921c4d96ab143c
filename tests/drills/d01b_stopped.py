"""D-01b: a worker is told to stop within a call: it finishes that, writes it down, claims nothing more and ends."""

from __future__ import annotations

from time import monotonic

from models.sms.message import HANDED_OVER, MessageState
from tests.drills.processes import wait_for
from tests.drills.stage import Stage
from tests.drills.verdict import Judge

BATCH, AT_MOST = 20, 30.0


def run(stage: Stage, judge: Judge) -> None:
    stage.sandbox.control(slow=2)
    stopped, other = stage.workers
    stopped.start()
    stage.beat.start()
    stage.send(stage.customers(10 * BATCH))
    wait_for(stage.sandbox.accepts, "the first call")
    accepted, began = len(stage.sandbox.accepts()), monotonic()
    code = stopped.end()
    took = round(monotonic() - began, 1)
    judge.note(ended_after=took, code=code)
    judge.expect(code == 0 and took < AT_MOST, f"ended with {code} after {took} s")
    more = len(stage.sandbox.accepts()) - accepted
    judge.expect(more <= BATCH, f"{more} more were sent")
    open_states = (MessageState.CLAIMED, MessageState.SUBMITTING, MessageState.UNKNOWN)
    judge.expect(not stage.number(*open_states), f"left behind: {stage.states()}")
    judge.expect(stage.number(*HANDED_OVER) == len(stage.sandbox.accepts()), "an answer was not written down")
    other.start()
    stage.wait_until_over()
