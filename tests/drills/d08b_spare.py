"""D-08b: the main provider fails after it accepted messages silently; the spare one gets only unsent messages."""

from __future__ import annotations

from models.sms.message import HANDED_OVER, MessageState
from tests.drills.drill_run import DrillRun
from tests.drills.processes import wait_for
from tests.drills.result import DrillChecks

MESSAGES, BATCH = 400, 20


def run(drill: DrillRun, checks: DrillChecks) -> None:
    keys = drill.customers(MESSAGES)
    spare = drill.add_spare()
    drill.sandbox.control(next="silent,silent", hold=1, slow=0.3)
    drill.start()
    drill.send(keys)
    wait_for(lambda: len(drill.sandbox.accepts()) >= 3 * BATCH, "the first accepts")
    main = {entry["localid"] for entry in drill.sandbox.accepts()}
    drill.sandbox.process.kill()

    wait_for(lambda: drill.number(*HANDED_OVER, MessageState.UNKNOWN) == MESSAGES, "the spare provider", 120)
    waiting = drill.number(MessageState.UNKNOWN)
    taken = {entry["localid"] for entry in spare.accepts()}
    checks.expect(waiting > 0, "nothing waited for its provider")
    checks.expect(not main & taken, "the spare provider got what the main one had")
    drill.sandbox.start()
    drill.wait_until_over()
    checks.note(waited=waiting, by_spare=len(taken))
    checks.expect(len(taken) + len(drill.sandbox.accepts()) == MESSAGES, "the sum of both is another")
