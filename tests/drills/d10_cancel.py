"""D-10: a large campaign is cancelled at about a third; each worker sends at most one more batch."""

from __future__ import annotations

from app.services.sms.campaign.create import cancel
from models.sms.campaign import CampaignStatus, SmsCampaign
from models.sms.message import HANDED_OVER, MessageState
from tests.drills.drill_run import DrillRun
from tests.drills.processes import wait_for
from tests.drills.result import DrillChecks

MESSAGES, BATCH, WORKERS = 3000, 50, 2


def run(drill: DrillRun, checks: DrillChecks) -> None:
    drill.sandbox.control(slow=0.2)
    drill.start()
    campaign = drill.send(drill.customers(MESSAGES))
    wait_for(lambda: len(drill.sandbox.accepts()) > MESSAGES * 0.3, "a third")
    with drill.actor() as session:
        cancel(session.get_one(SmsCampaign, campaign))
    at_click = len(drill.sandbox.accepts())
    drill.wait_until_over()
    after = len(drill.sandbox.accepts()) - at_click
    states = drill.states(campaign)
    checks.note(at_click=at_click, after=after)
    checks.expect(after <= WORKERS * BATCH, f"{after} left after the click")
    checks.expect(drill.campaign(campaign).status is CampaignStatus.CANCELLED, "not cancelled")
    handed = sum(states[each] for each in HANDED_OVER)
    checks.expect(handed + states[MessageState.CANCELLED] == MESSAGES, f"the counts don't add up: {states}")
