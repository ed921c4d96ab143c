"""D-05: responses with missing, shuffled or repeated entries, or without our local ids."""

from __future__ import annotations

from models.sms.message import MessageState
from tests.drills.drill_run import DrillRun
from tests.drills.result import DrillChecks

_MODES = ["partial", "shuffle", "duplicate", "anonymous"] * 4


def run(drill: DrillRun, checks: DrillChecks) -> None:
    keys = drill.customers(20 * len(_MODES))
    drill.sandbox.control(next=",".join(_MODES))
    drill.start()
    drill.send(keys)

    drill.wait_until_over()

    checks.expect(drill.number(MessageState.NEEDS_REVIEW) == 0, "everything can be found by our ids")
