"""D-01b: a worker gets SIGTERM during a call; it completes the call, records the results, claims no more and exits."""

from __future__ import annotations

from time import monotonic

from models.sms.message import HANDED_OVER, MessageState
from tests.drills.drill_run import DrillRun
from tests.drills.processes import wait_for
from tests.drills.result import DrillChecks

BATCH, AT_MOST = 20, 30.0


def run(drill: DrillRun, checks: DrillChecks) -> None:
    drill.sandbox.control(slow=2)
    stopped, other = drill.workers
    stopped.start()
    drill.beat.start()
    drill.send(drill.customers(10 * BATCH))
    wait_for(drill.sandbox.accepts, "the first call")
    accepted, began = len(drill.sandbox.accepts()), monotonic()
    code = stopped.end()
    took = round(monotonic() - began, 1)
    checks.note(ended_after=took, code=code)
    checks.expect(code == 0 and took < AT_MOST, f"ended with {code} after {took} s")
    more = len(drill.sandbox.accepts()) - accepted
    checks.expect(more <= BATCH, f"{more} more were sent")
    open_states = (MessageState.CLAIMED, MessageState.SUBMITTING, MessageState.UNKNOWN)
    checks.expect(not drill.number(*open_states), f"left behind: {drill.states()}")
    checks.expect(
        drill.number(*HANDED_OVER) == len(drill.sandbox.accepts()), "an answer was not written down"
    )
    other.start()
    drill.wait_until_over()
