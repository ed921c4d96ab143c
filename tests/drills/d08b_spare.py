"""D-08b: the main provider goes away after it swallowed some messages; only what it never had goes to the spare one."""

from __future__ import annotations

from models.sms.message import HANDED_OVER, MessageState
from tests.drills.processes import wait_for
from tests.drills.stage import Stage
from tests.drills.verdict import Judge

MESSAGES, BATCH = 400, 20


def run(stage: Stage, judge: Judge) -> None:
    keys = stage.customers(MESSAGES)
    spare = stage.add_spare()
    stage.sandbox.control(next="silent,silent", hold=1, slow=0.3)
    stage.start()
    stage.send(keys)
    wait_for(lambda: len(stage.sandbox.accepts()) >= 3 * BATCH, "the first accepts")
    main = {entry["localid"] for entry in stage.sandbox.accepts()}
    stage.sandbox.process.kill()

    wait_for(lambda: stage.number(*HANDED_OVER, MessageState.UNKNOWN) == MESSAGES, "the spare provider", 120)
    waiting = stage.number(MessageState.UNKNOWN)
    taken = {entry["localid"] for entry in spare.accepts()}
    judge.expect(waiting > 0, "nothing waited for its provider")
    judge.expect(not main & taken, "the spare provider got what the main one had")
    stage.sandbox.start()
    stage.wait_until_over()
    judge.note(waited=waiting, by_spare=len(taken))
    judge.expect(len(taken) + len(stage.sandbox.accepts()) == MESSAGES, "the sum of both is another")
