"""D-04: every kind of failing answer, 200 messages each: the right class, and what is unknown is never sent again."""

from __future__ import annotations

from sqlalchemy import func, select

from app.extensions import db
from app.services.sms.provider import clear_stop
from models.sms.attempt import AttemptOutcome, SmsAttempt
from models.sms.message import HANDED_OVER, SmsMessage
from models.sms.provider import SmsProvider
from tests.drills.processes import wait_for
from tests.drills.stage import Stage
from tests.drills.verdict import Judge

NUMBER = 200
_O = AttemptOutcome
# What goes wrong, the class of the first attempt, and how many attempts there may be.
CASES = (
    ("silent", _O.UNKNOWN, 1),
    ("reset", _O.UNKNOWN, 1),
    ("bad_gateway", _O.UNKNOWN, 1),
    ("html", _O.UNKNOWN, 1),
    ("cut", _O.UNKNOWN, 1),
    ("huge", _O.UNKNOWN, 1),
    # Nothing was accepted, which only looking it up three times proves.
    ("error", _O.UNKNOWN, 2),
    ("busy", _O.LATER, 2),
    ("busy_409", _O.LATER, 2),
)


def run(stage: Stage, judge: Judge) -> None:
    # Longer than the client waits for an answer.
    stage.sandbox.control(hold=30)
    stage.start()
    for mode, outcome, attempts in CASES:
        stage.sandbox.control(next=mode)
        _send_and_compare(stage, judge, mode, outcome, attempts)
    stage.sandbox.process.kill()
    campaign = stage.send(stage.customers(NUMBER))
    wait_for(lambda: _firsts(stage, campaign) == {_O.LATER}, "a refused connection")
    stage.sandbox.start()
    stage.wait_until_over()
    judge.expect(_firsts(stage, campaign) == {_O.LATER}, "refused: not «for now»")


def _send_and_compare(stage: Stage, judge: Judge, mode: str, outcome: AttemptOutcome, attempts: int) -> None:
    # Else the account would rest after five failures, and then be tried with a single message.
    clear_stop(stage.look(lambda session: session.scalar(select(SmsProvider.id))))
    db.session.commit()
    campaign = stage.send(stage.customers(NUMBER))
    stage.wait_until_over()
    firsts = _firsts(stage, campaign)
    judge.expect(firsts == {outcome}, f"{mode}: {firsts}")
    most = select(func.max(SmsMessage.attempt_no)).where(SmsMessage.campaign_id == campaign)
    found = stage.look(lambda session: session.scalar(most))
    judge.expect(found == attempts, f"{mode}: {found} attempts")
    states = stage.states(campaign)
    judge.expect(sum(states[each] for each in HANDED_OVER) == NUMBER, f"{mode}: {states}")


def _firsts(stage: Stage, campaign: int) -> set[AttemptOutcome | None]:
    """How the first attempts of a campaign ended."""
    statement = (
        select(SmsAttempt.outcome)
        .join(SmsMessage, SmsMessage.id == SmsAttempt.message_id)
        .where(SmsMessage.campaign_id == campaign, SmsAttempt.attempt_no == 1)
    )
    return set(stage.look(lambda session: session.scalars(statement.distinct()).all()) or ())
