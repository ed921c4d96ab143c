"""D-06: the credit ends after 37 of 500 messages and is topped up later."""

from __future__ import annotations

from models.sms.campaign import CampaignStatus, PauseReason
from tests.drills.drill_run import DrillRun
from tests.drills.processes import wait_for
from tests.drills.result import DrillChecks

MESSAGES, ENOUGH_FOR, PRICE = 500, 37, 1000


def run(drill: DrillRun, checks: DrillChecks) -> None:
    drill.sandbox.control(price=PRICE, credit=PRICE * ENOUGH_FOR)
    drill.start()
    campaign = drill.send(drill.customers(MESSAGES))

    wait_for(lambda: drill.campaign(campaign).status is CampaignStatus.PAUSED, "the pause")
    checks.expect(drill.campaign(campaign).pause_reason is PauseReason.CREDIT, "paused for another reason")
    checks.expect(len(drill.sandbox.accepts()) == ENOUGH_FOR, f"{len(drill.sandbox.accepts())} accepted")

    drill.sandbox.control(credit=PRICE * MESSAGES)
    # The schedule would check the credit once a minute.
    drill.tick("sms.credit")
    drill.wait_until_over()
    checks.expect(
        len(drill.sandbox.accepts()) == MESSAGES, f"{len(drill.sandbox.accepts())} accepted in the end"
    )
