"""D-06: the credit ends after 37 of 500 messages, and is filled up."""

from __future__ import annotations

from models.sms.campaign import CampaignStatus, PauseReason
from tests.drills.processes import wait_for
from tests.drills.stage import Stage
from tests.drills.verdict import Judge

MESSAGES, ENOUGH_FOR, PRICE = 500, 37, 1000


def run(stage: Stage, judge: Judge) -> None:
    stage.sandbox.control(price=PRICE, credit=PRICE * ENOUGH_FOR)
    stage.start()
    campaign = stage.send(stage.customers(MESSAGES))

    wait_for(lambda: stage.campaign(campaign).status is CampaignStatus.PAUSED, "the pause")
    judge.expect(stage.campaign(campaign).pause_reason is PauseReason.CREDIT, "paused for another reason")
    judge.expect(len(stage.sandbox.accepts()) == ENOUGH_FOR, f"{len(stage.sandbox.accepts())} accepted")

    stage.sandbox.control(credit=PRICE * MESSAGES)
    # The clockwork asks once a minute.
    stage.tick("sms.credit")
    stage.wait_until_over()
    judge.expect(
        len(stage.sandbox.accepts()) == MESSAGES, f"{len(stage.sandbox.accepts())} accepted in the end"
    )
