"""D-04: every failing response, 200 messages each: the outcome is right, and unknown messages are not sent again."""

from __future__ import annotations

from sqlalchemy import func, select

from app.extensions import db
from app.services.sms.provider import clear_stop
from models.sms.attempt import AttemptOutcome, SmsAttempt
from models.sms.message import HANDED_OVER, SmsMessage
from models.sms.provider import SmsProvider
from tests.drills.drill_run import DrillRun
from tests.drills.processes import wait_for
from tests.drills.result import DrillChecks

NUMBER = 200
_O = AttemptOutcome
# (failure mode, outcome of the first attempt, maximum number of attempts).
CASES = (
    ("silent", _O.UNKNOWN, 1),
    ("reset", _O.UNKNOWN, 1),
    ("bad_gateway", _O.UNKNOWN, 1),
    ("html", _O.UNKNOWN, 1),
    ("cut", _O.UNKNOWN, 1),
    ("huge", _O.UNKNOWN, 1),
    # Nothing was accepted, but only three look-ups prove that.
    ("error", _O.UNKNOWN, 2),
    ("busy", _O.LATER, 2),
    ("busy_409", _O.LATER, 2),
)


def run(drill: DrillRun, checks: DrillChecks) -> None:
    # Longer than the client's timeout.
    drill.sandbox.control(hold=30)
    drill.start()
    for mode, outcome, attempts in CASES:
        drill.sandbox.control(next=mode)
        _send_and_compare(drill, checks, mode, outcome, attempts)
    drill.sandbox.process.kill()
    campaign = drill.send(drill.customers(NUMBER))
    wait_for(lambda: _firsts(drill, campaign) == {_O.LATER}, "a refused connection")
    drill.sandbox.start()
    drill.wait_until_over()
    checks.expect(_firsts(drill, campaign) == {_O.LATER}, "refused: not «for now»")


def _send_and_compare(
    drill: DrillRun, checks: DrillChecks, mode: str, outcome: AttemptOutcome, attempts: int
) -> None:
    # Otherwise the circuit would open after five failures, and the next call would be a probe of one message.
    clear_stop(drill.look(lambda session: session.scalar(select(SmsProvider.id))))
    db.session.commit()
    campaign = drill.send(drill.customers(NUMBER))
    drill.wait_until_over()
    firsts = _firsts(drill, campaign)
    checks.expect(firsts == {outcome}, f"{mode}: {firsts}")
    most = select(func.max(SmsMessage.attempt_no)).where(SmsMessage.campaign_id == campaign)
    found = drill.look(lambda session: session.scalar(most))
    checks.expect(found == attempts, f"{mode}: {found} attempts")
    states = drill.states(campaign)
    checks.expect(sum(states[each] for each in HANDED_OVER) == NUMBER, f"{mode}: {states}")


def _firsts(drill: DrillRun, campaign: int) -> set[AttemptOutcome | None]:
    """The distinct outcomes of a campaign's first attempts."""
    statement = (
        select(SmsAttempt.outcome)
        .join(SmsMessage, SmsMessage.id == SmsAttempt.message_id)
        .where(SmsMessage.campaign_id == campaign, SmsAttempt.attempt_no == 1)
    )
    return set(drill.look(lambda session: session.scalars(statement.distinct()).all()) or ())
