"""D-10: a large campaign is cancelled at about a third; at most one batch of each worker still leaves."""

from __future__ import annotations

from app.services.sms.campaign.create import cancel
from models.sms.campaign import CampaignStatus, SmsCampaign
from models.sms.message import HANDED_OVER, MessageState
from tests.drills.processes import wait_for
from tests.drills.stage import Stage
from tests.drills.verdict import Judge

MESSAGES, BATCH, WORKERS = 3000, 50, 2


def run(stage: Stage, judge: Judge) -> None:
    stage.sandbox.control(slow=0.2)
    stage.start()
    campaign = stage.send(stage.customers(MESSAGES))
    wait_for(lambda: len(stage.sandbox.accepts()) > MESSAGES * 0.3, "a third")
    with stage.actor() as session:
        cancel(session.get_one(SmsCampaign, campaign))
    at_click = len(stage.sandbox.accepts())
    stage.wait_until_over()
    after = len(stage.sandbox.accepts()) - at_click
    states = stage.states(campaign)
    judge.note(at_click=at_click, after=after)
    judge.expect(after <= WORKERS * BATCH, f"{after} left after the click")
    judge.expect(stage.campaign(campaign).status is CampaignStatus.CANCELLED, "not cancelled")
    handed = sum(states[each] for each in HANDED_OVER)
    judge.expect(handed + states[MessageState.CANCELLED] == MESSAGES, f"the counts don't add up: {states}")
