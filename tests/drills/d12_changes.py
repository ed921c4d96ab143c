"""D-12: while a campaign runs its template is edited, people opt out, and follow-ups get another consultant."""

from __future__ import annotations

from sqlalchemy import select, update

from app.services.sms.consent import opt_out
from models.follow_up import FollowUp
from models.sms.campaign import Audience, LeftOut
from models.sms.consent import OptOutSource
from models.sms.message import HANDED_OVER, MessageState, SmsMessage
from models.sms.template import SmsTemplate
from tests import factories
from tests.drills.processes import wait_for
from tests.drills.stage import Stage, mobile
from tests.drills.verdict import Judge

MESSAGES, OUT, MOVED = 400, 20, 50


def run(stage: Stage, judge: Judge) -> None:
    stage.sandbox.control(slow=0.5)
    with stage.actor():
        product = factories.ProductFactory()
        keys = [
            factories.FollowUpFactory(order__product=product, order__customer__mobile=mobile(number)).id
            for number in range(MESSAGES)
        ]
    stage.start()
    stage.send(keys, Audience.FOLLOW_UPS)
    wait_for(lambda: len(stage.sandbox.accepts()) >= 60, "the first accepts")
    gone = _change_everything(stage, keys)
    stage.wait_until_over()

    accepts = stage.sandbox.accepts()
    states = stage.states()
    judge.expect(all("دوره تازه" in entry["message"] for entry in accepts), "a text was changed on its way")
    left_out = select(SmsMessage.mobile).where(SmsMessage.left_out == LeftOut.OPTED_OUT)
    taken_back = set(stage.look(lambda session: session.scalars(left_out).all()))
    judge.note(opted_out=len(gone), taken_back=len(taken_back))
    judge.expect(
        taken_back <= gone and len(taken_back) >= OUT - 2, f"taken back: {len(taken_back)} of {len(gone)}"
    )
    got = {f"+98{entry['receptor'][1:]}" for entry in accepts}
    judge.expect(not taken_back & got, "who was taken back got it")
    # The creator's choice is frozen: whoever follows up now, all others get it.
    handed = sum(states[each] for each in HANDED_OVER)
    judge.expect(handed == MESSAGES - len(taken_back), f"{handed} got it")


def _change_everything(stage: Stage, keys: list[int]) -> set[str]:
    """Edit, opt out and hand over; returns the numbers of those who opted out."""
    with stage.actor() as session:
        waiting = select(SmsMessage.mobile).where(SmsMessage.state == MessageState.QUEUED)
        gone = set(session.scalars(waiting.order_by(SmsMessage.id.desc()).limit(OUT)))
        for mobile in gone:
            opt_out(mobile, OptOutSource.MEMBER)
        session.execute(update(SmsTemplate).values(body="متن دیگری"))
        organization = session.get_one(factories.Organization, stage.organization_id)
        other = factories.member("Consultant", organization)
        session.execute(update(FollowUp).where(FollowUp.id.in_(keys[-MOVED:])).values(consultant_id=other.id))
    return gone
