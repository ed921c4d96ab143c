"""D-05: answers that leave out entries, shuffle them, give two the same id, or don't give ours back."""

from __future__ import annotations

from models.sms.message import MessageState
from tests.drills.stage import Stage
from tests.drills.verdict import Judge

_MODES = ["partial", "shuffle", "duplicate", "anonymous"] * 4


def run(stage: Stage, judge: Judge) -> None:
    keys = stage.customers(20 * len(_MODES))
    stage.sandbox.control(next=",".join(_MODES))
    stage.start()
    stage.send(keys)

    stage.wait_until_over()

    judge.expect(stage.number(MessageState.NEEDS_REVIEW) == 0, "everything can be found by our ids")
