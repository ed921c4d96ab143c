"""D-12: during a campaign, the template is edited, receivers opt out, and follow-ups get another consultant."""

from __future__ import annotations

from sqlalchemy import select, update

from app.services.sms.consent import opt_out
from models.follow_up import FollowUp
from models.sms.campaign import Audience, LeftOut
from models.sms.consent import OptOutSource
from models.sms.message import HANDED_OVER, MessageState, SmsMessage
from models.sms.template import SmsTemplate
from tests import factories
from tests.drills.drill_run import DrillRun, mobile
from tests.drills.processes import wait_for
from tests.drills.result import DrillChecks

MESSAGES, OUT, MOVED = 400, 20, 50


def run(drill: DrillRun, checks: DrillChecks) -> None:
    drill.sandbox.control(slow=0.5)
    with drill.actor():
        product = factories.ProductFactory()
        keys = [
            factories.FollowUpFactory(order__product=product, order__customer__mobile=mobile(number)).id
            for number in range(MESSAGES)
        ]
    drill.start()
    drill.send(keys, Audience.FOLLOW_UPS)
    wait_for(lambda: len(drill.sandbox.accepts()) >= 60, "the first accepts")
    gone = _change_everything(drill, keys)
    drill.wait_until_over()

    accepts = drill.sandbox.accepts()
    states = drill.states()
    checks.expect(all("دوره تازه" in entry["message"] for entry in accepts), "a text was changed on its way")
    left_out = select(SmsMessage.mobile).where(SmsMessage.left_out == LeftOut.OPTED_OUT)
    taken_back = set(drill.look(lambda session: session.scalars(left_out).all()))
    checks.note(opted_out=len(gone), taken_back=len(taken_back))
    checks.expect(
        taken_back <= gone and len(taken_back) >= OUT - 2, f"taken back: {len(taken_back)} of {len(gone)}"
    )
    got = {f"+98{entry['receptor'][1:]}" for entry in accepts}
    checks.expect(not taken_back & got, "who was taken back got it")
    # The selection is fixed: a change of consultant excludes no message.
    handed = sum(states[each] for each in HANDED_OVER)
    checks.expect(handed == MESSAGES - len(taken_back), f"{handed} got it")


def _change_everything(drill: DrillRun, keys: list[int]) -> set[str]:
    """Edit the template, opt receivers out and change consultants; returns the opted-out numbers."""
    with drill.actor() as session:
        waiting = select(SmsMessage.mobile).where(SmsMessage.state == MessageState.QUEUED)
        gone = set(session.scalars(waiting.order_by(SmsMessage.id.desc()).limit(OUT)))
        for mobile in gone:
            opt_out(mobile, OptOutSource.MEMBER)
        session.execute(update(SmsTemplate).values(body="متن دیگری"))
        organization = session.get_one(factories.Organization, drill.organization_id)
        other = factories.member("Consultant", organization)
        session.execute(update(FollowUp).where(FollowUp.id.in_(keys[-MOVED:])).values(consultant_id=other.id))
    return gone
