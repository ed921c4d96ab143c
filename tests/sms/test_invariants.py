"""Each invariant, broken on purpose, is told by `sms-audit` and by the job of the night."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import delete, insert, select, text, update

from app.gateways.sms.sandbox_ledger import Accept
from app.lib import clock
from app.services.sms.delivery.claim import Lane, claim
from app.services.sms.delivery.dispatch import drain
from app.services.sms.invariants.checks import INVARIANTS, check
from app.services.sms.invariants.ledger import COMPARISONS, check_ledger
from app.services.sms.provider import open_channels
from app.tasks.sms import audit, prepare
from models.organization import Organization
from models.sms.attempt import AttemptOutcome, Decision, SmsAttempt, SmsDecision
from models.sms.campaign import CampaignStatus, SmsCampaign, SmsSelection
from models.sms.consent import SmsOptOut
from models.sms.message import MessageState, SmsMessage
from models.sms.quota import LedgerKind, SmsLedger
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory
from tests.support import sms
from tests.support.sandbox import running_sandbox

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = time(8, 30)


@pytest.fixture(autouse=True)
def noon(session):
    """Noon in Tehran, today: attempts go by the real clock, and are looked at for two days."""
    clock.start_at(datetime.combine(datetime.now(UTC).date(), NOON, UTC))


@pytest.fixture
def gateway(session, monkeypatch):
    fake = sms.FakeGateway()
    sms.account(monkeypatch, fake)
    return fake


@pytest.fixture
def actor(manager):
    return Actor(manager.organization_id, manager.id)


@pytest.fixture
def made(session, actor, gateway):
    """A campaign of three, all in the queue."""
    key = sms.campaign([CustomerFactory() for _ in range(3)], actor.member_id).id
    prepare.run()
    bind(session, actor)
    return key


@pytest.fixture
def sent(session, actor, made):
    """The same, handed over."""
    drain(5)
    bind(session, actor)
    assert broken() == set()
    return made


def broken():
    return {finding.name for finding in check() if not finding.holds}


def alter(session, model, **values):
    """Behind the back of every service."""
    session.execute(update(model).values(**values).execution_options(synchronize_session=False))


def strike(session, statement):
    session.connection().execute(text(statement))


def one(session):
    return session.scalars(select(SmsMessage).order_by(SmsMessage.id)).first()


def unguarded(session):
    """Without the trigger that refuses moves."""
    on = " ON sms_messages" if session.connection().dialect.name == "postgresql" else ""
    strike(session, f"DROP TRIGGER sms_messages_move{on}")


def attempt_again(session, **values):
    first = session.scalars(select(SmsAttempt).order_by(SmsAttempt.message_id)).first()
    row = {"organization_id": first.organization_id, "message_id": first.message_id, "attempt_no": 2}
    row |= {"provider_id": first.provider_id, "request_id": first.request_id, "started_at": first.started_at}
    session.execute(insert(SmsAttempt), [row | values])


def test_every_invariant_is_asked_for():
    names = {name for name, *_rest in INVARIANTS}

    assert names == {f"I-{number}" for number in range(1, 19)}
    assert {name for name, *_rest in COMPARISONS} == {"I-1", "I-3", "I-8", "I-9", "I-14", "I-17"}


def test_i01_an_attempt_that_nobody_wrote_down(session, sent):
    alter(session, SmsMessage, attempt_no=2)

    assert "I-1" in broken()


def test_i02_two_open_attempts(session, sent):
    strike(session, "DROP INDEX uq_sms_attempts_open")
    alter(session, SmsAttempt, finished_at=None)
    attempt_again(session)

    assert "I-2" in broken()


def test_i03_accepted_and_never_attempted(session, sent):
    session.execute(delete(SmsAttempt))

    assert "I-3" in broken()


def test_i04_sent_again_without_proof(session, sent):
    alter(session, SmsAttempt, outcome=AttemptOutcome.UNKNOWN)
    attempt_again(session, outcome=AttemptOutcome.ACCEPTED, finished_at=datetime.now(UTC))
    assert "I-4" in broken()

    decided = {"message_id": one(session).id, "attempt_no": 1, "decision": Decision.SEND_AGAIN, "reason": "x"}
    session.add(SmsDecision(**decided))
    session.flush()

    assert "I-4" not in broken()


def test_i05_a_total_that_does_not_add_up(session, sent):
    alter(session, SmsCampaign, total=4)

    assert broken() == {"I-5"}


def test_i06_a_message_that_never_ends(session, made):
    alter(session, SmsMessage, expires_at=datetime.now(UTC) - DAY - HOUR)

    assert broken() == {"I-6"}


def test_i07_accepted_without_the_providers_number(session, sent):
    alter(session, SmsMessage, provider_message_id=None)

    assert broken() == {"I-7"}


def test_i08_a_call_while_the_organisation_was_closed(session, sent):
    alter(session, Organization, sending_from=time(20), sending_until=time(21))

    assert broken() == {"I-8"}


def test_i08_a_call_after_the_cancellation(session, sent):
    alter(session, SmsCampaign, cancelled_at=datetime.now(UTC) - HOUR)

    assert broken() == {"I-8"}


def test_i09_a_call_to_who_had_opted_out(session, sent):
    session.add(SmsOptOut(mobile=one(session).mobile, at=datetime.now(UTC) - HOUR))
    session.flush()

    assert broken() == {"I-9"}


def test_i10_a_call_for_a_campaign_that_does_not_run_yet(session, sent):
    alter(session, SmsCampaign, status=CampaignStatus.SCHEDULED)

    assert broken() == {"I-10"}


def test_i11_pages_that_nobody_gave_back(session, sent):
    session.execute(delete(SmsLedger).where(SmsLedger.kind == LedgerKind.CAPTURE))

    assert broken() == {"I-11"}


def test_i12_a_message_for_who_was_not_chosen(session, sent):
    alter(session, SmsSelection, keys=[])

    assert broken() == {"I-12"}


def test_i13_a_message_of_two_organisations(session, sent, stranger_organization):
    if session.connection().dialect.name == "postgresql":
        strike(session, "SELECT set_config('app.unscoped', 'on', true)")
    strike(session, f"UPDATE sms_messages SET organization_id = {stranger_organization.id}")

    assert "I-13" in broken()


def test_i14_a_text_that_is_longer_than_was_paid_for(session, sent):
    alter(session, SmsMessage, body="س" * 300)

    assert broken() == {"I-14"}


def test_i15_a_state_that_no_attempt_leads_to(session, gateway, made, actor):
    gateway.script = sms.refuse
    drain(5)
    bind(session, actor)
    alter(session, SmsAttempt, outcome=AttemptOutcome.ACCEPTED)

    assert broken() == {"I-15"}


def test_i16_a_guard_that_was_taken_away(session, sent):
    unguarded(session)

    assert broken() == {"I-16"}


def test_i16_an_end_without_a_time(session, sent):
    alter(session, SmsMessage, final_at=clock.now())

    assert broken() == {"I-16"}


@pytest.mark.postgresql
def test_i17_two_messages_for_one_number(session, sent):
    strike(session, "ALTER TABLE sms_messages DROP CONSTRAINT uq_sms_messages_campaign_id_mobile")
    alter(session, SmsMessage, mobile=one(session).mobile)

    assert "I-17" in broken()


def test_i18_a_lease_that_nobody_ended(session, made, actor):
    lane = Lane(actor.organization_id, made)
    claim(lane, provider_id=open_channels()[0].provider_id, takes_new=True, most=3)
    alter(session, SmsMessage, lease_until=datetime.now(UTC) - HOUR)

    assert broken() == {"I-18"}


def test_the_job_of_the_night_tells_what_is_broken(session, sent, caplog):
    audit.run()
    assert not caplog.records

    alter(session, SmsCampaign, total=4)
    audit.run()

    assert "I-5" in caplog.text


class TestLedger:
    @pytest.fixture
    def accepts(self, session, sent):
        rows = session.scalars(select(SmsMessage).order_by(SmsMessage.id))
        return [Accept(row.local_id, row.mobile, row.body, datetime.now(UTC)) for row in rows]

    def broken(self, accepts):
        return {finding.name for finding in check_ledger(accepts) if not finding.holds}

    def test_both_books_agree(self, accepts):
        assert self.broken(accepts) == set()

    def test_i01_i17_what_was_accepted_twice(self, session, accepts):
        twice = [*accepts, accepts[0]]
        assert self.broken(twice) == {"I-1", "I-17"}

        decided = {"message_id": one(session).id, "attempt_no": 1, "reason": "x"}
        session.add(SmsDecision(decision=Decision.SEND_AGAIN, **decided))
        session.flush()

        assert self.broken(twice) == set()

    def test_i03_what_nobody_wrote_down(self, session, accepts):
        unknown = replace(accepts[0], local_id=10**9)
        assert self.broken([*accepts, unknown]) == {"I-3"}

        alter(session, SmsAttempt, started_at=datetime.now(UTC) + HOUR)
        assert self.broken(accepts) == {"I-3"}

    def test_i03_what_the_provider_never_had(self, session, accepts):
        assert self.broken(accepts[1:]) == {"I-3"}

        decided = {"message_id": one(session).id, "attempt_no": 1, "reason": "x"}
        session.add(SmsDecision(decision=Decision.ASSUME_SENT, **decided))
        session.flush()

        assert self.broken(accepts[1:]) == set()

    def test_i03_what_is_shown_as_unsent(self, session, accepts):
        unguarded(session)
        alter(session, SmsMessage, state=MessageState.FAILED)

        assert self.broken(accepts) == {"I-3"}

    def test_i08_what_was_accepted_while_closed_or_cancelled(self, session, accepts):
        alter(session, SmsCampaign, cancelled_at=clock.now() - HOUR)
        assert self.broken(accepts) == {"I-8"}

        alter(session, SmsCampaign, cancelled_at=None)
        alter(session, Organization, sending_from=time(20), sending_until=time(21))
        assert self.broken(accepts) == {"I-8"}

    def test_i09_what_was_accepted_for_who_had_opted_out(self, session, accepts):
        session.add(SmsOptOut(mobile=accepts[0].mobile, at=clock.now() - HOUR))
        session.flush()

        assert self.broken(accepts) == {"I-9"}

    @pytest.mark.parametrize(
        "change", [{"text": "متن دیگری"}, {"mobile": "+989350000000"}], ids=["text", "mobile"]
    )
    def test_i14_what_was_accepted_otherwise(self, accepts, change):
        assert self.broken([replace(accepts[0], **change), *accepts[1:]]) == {"I-14"}


class TestCommand:
    @pytest.fixture
    def run(self, app):
        return lambda *given: app.test_cli_runner().invoke(args=["sms-audit", *given])

    def test_it_ends_well_when_everything_holds(self, sent, run):
        done = run("--json")

        assert done.exit_code == 0
        assert {each["name"] for each in json.loads(done.output)} >= {"I-1", "I-18"}

    def test_it_ends_with_one_when_something_is_broken(self, session, sent, run):
        alter(session, SmsCampaign, total=4)

        done = run()

        assert done.exit_code == 1
        assert "I-5" in done.output

    def test_it_asks_the_sandbox(self, session, sent, run, tmp_path):
        with running_sandbox(tmp_path) as sandbox:
            ledger = f"http://{sandbox.host}/sandbox/ledger"
            assert run("--ledger", ledger).exit_code == 1

            rows = session.scalars(select(SmsMessage)).all()
            sandbox.provider().send([sms.Outgoing(row.local_id, row.mobile, row.body) for row in rows])

            assert run("--ledger", ledger).exit_code == 0
