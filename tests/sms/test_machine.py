"""The state machine of messages: claims, attempts, results, look-ups, campaigns and accounts."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select, update

from app.gateways.sms.base import Outcome, Trouble
from app.lib import clock
from app.services.sms.campaign.create import cancel, decide, pause, resume
from app.services.sms.consent import opt_out
from app.services.sms.delivery.claim import Lane, begin_attempt, claim
from app.services.sms.delivery.credit import check_credit
from app.services.sms.delivery.dispatch import drain
from app.services.sms.delivery.responses import MAX_TRIES, record_results
from app.services.sms.invariants.checks import check
from app.services.sms.provider import open_channels
from app.tasks.sms import look_up, prepare, sweep
from models.member import Member
from models.sms.attempt import Decision, SmsAttempt
from models.sms.campaign import CampaignStatus, LeftOut, PauseReason, SmsCampaign
from models.sms.consent import OptOutSource
from models.sms.message import MessageState, SmsMessage
from models.sms.provider import ProviderStop, SmsProvider, SmsProviderHealth
from models.sms.quota import LedgerKind, SmsLedger
from models.tenancy.scope import Acting, bind
from tests.factories import CustomerFactory
from tests.support import sms

S = MessageState
# Noon in Tehran today, within all sending hours. Attempts and leases use the real clock, so the app's clock must be
# on the same day.
NOON = datetime.combine(datetime.now(UTC).date(), time(8, 30), UTC)


@pytest.fixture(autouse=True)
def noon(session):
    clock.start_at(NOON)


@pytest.fixture(autouse=True)
def nothing_is_broken(session, noon):
    yield
    assert [finding for finding in check() if not finding.holds] == []


@pytest.fixture
def gateway(session, monkeypatch):
    fake = sms.FakeGateway()
    sms.account(monkeypatch, fake)
    return fake


@pytest.fixture
def acting(manager):
    return Acting(manager.organization_id, manager.id)


@pytest.fixture
def work(session, acting):
    """Runs the given tasks (default: prepare, then send); then the session acts for the manager."""

    def run(*ticks):
        for tick in ticks or (prepare.run, lambda: drain(5)):
            tick()
        bind(session, acting)

    return run


@pytest.fixture
def send(session, acting, work):
    """Creates a campaign for new customers and sends its messages."""

    def run(number=3, **fields):
        key = sms.campaign([CustomerFactory() for _ in range(number)], acting.member_id, **fields).id
        work()
        return key

    return run


def later(session, seconds):
    """Let time pass: moves the app's clock forward, and times that use the database's clock back."""
    clock.start_at(clock.now() + timedelta(seconds=seconds))
    for name in ("lease_until", "look_up_after"):
        column = getattr(SmsMessage, name)
        for key, value in session.execute(select(SmsMessage.id, column).where(column.is_not(None))).all():
            moved = {name: value - timedelta(seconds=seconds)}
            session.execute(update(SmsMessage).where(SmsMessage.id == key).values(**moved))
    for health in session.scalars(select(SmsProviderHealth)):
        for name in ("open_until", "stop_until"):
            if getattr(health, name):
                setattr(health, name, getattr(health, name) - timedelta(seconds=seconds))
    session.commit()


def message_of(session, key):
    session.expire_all()
    return session.scalars(select(SmsMessage).where(SmsMessage.campaign_id == key)).first()


def get(session, key):
    session.expire_all()
    return session.get(SmsCampaign, key)


class TestAnswers:
    def test_a_campaign_is_finished_when_its_messages_are_accepted(self, session, gateway, send):
        key = send()

        assert sms.states(key) == {S.ACCEPTED: 3}
        assert get(session, key).status is CampaignStatus.FINISHED

    def test_e_a_final_refusal_fails_the_message(self, session, gateway, send):
        gateway.script = sms.refuse

        assert sms.states(send()) == {S.FAILED: 3}

    def test_a_temporary_refusal_is_retried_later(self, session, gateway, send, work):
        gateway.script = sms.later(Trouble.NONE)
        key = send()
        assert sms.states(key) == {S.QUEUED: 3}

        gateway.script = sms.accept
        work(lambda: drain(5))
        # The retry is not due yet.
        assert len(gateway.calls) == 1
        later(session, 10)
        work(lambda: drain(5))

        assert sms.states(key) == {S.ACCEPTED: 3}

    def test_a_message_fails_after_eight_tries(self, session, gateway, send, work):
        gateway.script = sms.later(Trouble.NONE)
        key = send(1)

        for _try in range(MAX_TRIES):
            later(session, 1200)
            work(lambda: drain(5))

        assert sms.states(key) == {S.FAILED: 1}
        assert len(gateway.calls) == MAX_TRIES

    def test_the_providers_retry_after_is_respected(self, session, gateway, send, work):
        gateway.script = sms.later(Trouble.NONE, retry_after=120.0)
        key = send(1)

        assert message_of(session, key).not_before >= clock.now() + timedelta(seconds=115)

    def test_d05_messages_missing_from_a_response_are_unknown(self, session, gateway, send):
        gateway.script = lambda each: sms.accept(each) if each.local_id % 2 else None

        found = sms.states(send(10))

        assert found == {S.ACCEPTED: 5, S.UNKNOWN: 5}

    def test_d05_results_are_matched_by_local_id_and_not_by_position(self, session, gateway, send):
        plain = gateway.send
        gateway.send = lambda batch: plain(batch)[::-1]

        key = send(10)

        rows = session.scalars(select(SmsMessage).where(SmsMessage.campaign_id == key)).all()
        assert {row.provider_message_id for row in rows} == {f"m{row.local_id}" for row in rows}

    def test_d05_messages_with_the_same_provider_id_are_unknown(self, session, gateway, send):
        gateway.script = lambda each: sms.SendResult(each.local_id, Outcome.ACCEPTED, "same")

        assert sms.states(send(4)) == {S.UNKNOWN: 4}

    def test_a_provider_id_of_another_message_is_not_accepted(self, session, gateway, send):
        send(1)
        taken = session.scalars(select(SmsMessage.provider_message_id)).one()
        gateway.script = lambda each: sms.SendResult(
            each.local_id, Outcome.ACCEPTED, taken if not each.local_id % 3 else f"n{each.local_id}"
        )

        found = sms.states(send(3))

        assert found == {S.ACCEPTED: 2, S.UNKNOWN: 1}

    def test_messages_of_a_refused_batch_are_sent_one_by_one(self, session, gateway, send, work):
        bad = []

        def script(batch):
            gateway.calls.append(list(batch))
            bad[:] = bad or [batch[0].local_id]
            if len(batch) > 1:
                return [
                    sms.SendResult(each.local_id, Outcome.REFUSED_FOR_NOW, code="411", alone=True)
                    for each in batch
                ]
            return [sms.refuse(batch[0]) if batch[0].local_id in bad else sms.accept(batch[0])]

        gateway.send = script

        found = sms.states(send(5))

        assert found == {S.ACCEPTED: 4, S.FAILED: 1}
        assert [len(call) for call in gateway.calls] == [5, 1, 1, 1, 1, 1]


class TestUnknown:
    def test_d04_an_unanswered_message_is_never_sent_again_without_proof(self, session, gateway, send, work):
        gateway.script = sms.silent
        gateway.is_mute = True
        key = send()

        for _time in range(5):
            later(session, 1000)
            work(lambda: drain(5), look_up.run, sweep.run)

        assert sms.states(key) == {S.UNKNOWN: 3}
        assert len(gateway.calls) == 1

    def test_a_message_that_the_provider_has_is_found(self, session, gateway, send, work):
        gateway.script = sms.silent
        key = send()
        gateway.take([each.local_id for each in gateway.sent])

        later(session, 31)
        work(look_up.run, sweep.run)

        assert sms.states(key) == {S.ACCEPTED: 3}
        assert get(session, key).status is CampaignStatus.FINISHED

    def test_a_message_that_the_provider_lacks_is_sent_again_with_the_same_id(
        self, session, gateway, send, work
    ):
        gateway.script = sms.silent
        key = send(1)
        gateway.script = sms.accept

        for pause_before in (31, 121):
            later(session, pause_before)
            work(look_up.run, lambda: drain(5))
            assert sms.states(key) == {S.UNKNOWN: 1}
        later(session, 601)
        work(look_up.run, lambda: drain(5))

        assert sms.states(key) == {S.ACCEPTED: 1}
        assert len({each.local_id for each in gateway.sent}) == 1
        assert gateway.took.total() == 1

    def test_rule_7_a_later_refusal_proves_nothing_about_the_first_attempt(
        self, session, gateway, send, work
    ):
        gateway.script = sms.silent
        key = send(1)
        gateway.script = sms.refuse

        for pause_before in (31, 121, 601):
            later(session, pause_before)
            work(look_up.run, lambda: drain(5))

        assert sms.states(key) == {S.NEEDS_REVIEW: 1}

    def test_without_look_up_a_message_needs_a_decision(self, session, gateway, monkeypatch, send, work):
        blind = sms.FakeGateway(script=sms.silent, can_look_up=False)
        sms.account(monkeypatch, blind, position=-1)
        key = send(2)

        for pause_before in (31, 121, 601):
            later(session, pause_before)
            work(look_up.run, lambda: drain(5))

        assert sms.states(key) == {S.NEEDS_REVIEW: 2}
        assert len(blind.calls) == 1

    def test_an_idempotent_provider_gets_the_message_again(self, session, monkeypatch, send, work):
        twin = sms.FakeGateway(script=sms.silent, can_look_up=False, is_idempotent=True)
        sms.account(monkeypatch, twin)
        key = send(1)
        twin.script = sms.accept

        for pause_before in (31, 121, 601):
            later(session, pause_before)
            work(look_up.run, lambda: drain(5))

        assert sms.states(key) == {S.ACCEPTED: 1}

    @pytest.mark.parametrize(
        ("decision", "end"), [(Decision.ASSUME_SENT, 0), (Decision.SEND_AGAIN, 1)], ids=["assume", "again"]
    )
    def test_a_manual_decision_is_applied(self, session, monkeypatch, acting, send, work, decision, end):
        blind = sms.FakeGateway(script=sms.silent, can_look_up=False)
        sms.account(monkeypatch, blind)
        key = send(1)
        for pause_before in (31, 121, 601):
            later(session, pause_before)
            work(look_up.run, sweep.run)
        blind.script = sms.accept

        number = decide(
            get(session, key),
            decision,
            reason="با مشتری تماس گرفتم",
            by=session.get(Member, acting.member_id),
        )
        session.commit()
        work(lambda: drain(5))

        assert number == 1
        assert sms.states(key) == {S.ACCEPTED: 1}
        assert blind.took.total() == end


class TestLeases:
    @pytest.fixture
    def lane(self, session, acting, gateway):
        key = sms.campaign([CustomerFactory() for _ in range(4)], acting.member_id).id
        prepare.run()
        bind(session, acting)
        return Lane(acting.organization_id, key)

    @pytest.fixture
    def provider_id(self, session, lane):
        return open_channels()[0].provider_id

    def claimed(self, lane, provider_id):
        return claim(lane, provider_id=provider_id, takes_new=True, limit=200)

    def test_d01_a_claimed_message_returns_to_the_queue(self, session, gateway, lane, provider_id, work):
        self.claimed(lane, provider_id)
        later(session, 61)

        work(sweep.run, lambda: drain(5))

        assert sms.states(lane.campaign_id) == {S.ACCEPTED: 4}
        assert set(gateway.took.values()) == {1}

    def test_d02_a_message_with_an_open_attempt_is_looked_up(self, session, gateway, lane, provider_id, work):
        batch = begin_attempt(self.claimed(lane, provider_id), provider_id=provider_id)
        gateway.send(batch.outgoing())
        later(session, 91)

        work(sweep.run, lambda: drain(5))
        assert sms.states(lane.campaign_id) == {S.UNKNOWN: 4}
        work(look_up.run)

        assert sms.states(lane.campaign_id) == {S.ACCEPTED: 4}
        assert set(gateway.took.values()) == {1}

    def test_d09_a_result_after_the_lease_changes_nothing(self, session, gateway, lane, provider_id, work):
        batch = begin_attempt(self.claimed(lane, provider_id), provider_id=provider_id)
        answers = gateway.send(batch.outgoing())
        later(session, 91)
        work(sweep.run)

        record_results(batch, answers)

        assert sms.states(lane.campaign_id) == {S.UNKNOWN: 4}
        assert session.get(SmsProviderHealth, provider_id).lease_conflicts == 4

    def test_an_expired_lease_begins_no_attempt(self, session, gateway, lane, provider_id):
        token = self.claimed(lane, provider_id)
        later(session, 61)

        assert begin_attempt(token, provider_id=provider_id) is None

    def test_two_workers_claim_different_messages(self, session, gateway, lane, provider_id):
        claims = [claim(lane, provider_id=provider_id, takes_new=True, limit=3) for _worker in range(3)]

        taken = [
            session.scalars(select(SmsMessage.id).where(SmsMessage.lease_token == each.lease_token)).all()
            for each in claims[:2]
        ]
        assert [sorted(each.ids) for each in claims[:2]] == [sorted(keys) for keys in taken]
        assert sorted(map(len, taken)) == [1, 3]
        assert claims[2] is None
        assert not set(taken[0]) & set(taken[1])

    def test_r17_a_cancellation_before_the_attempt_wins(self, session, gateway, lane, provider_id, work):
        token = self.claimed(lane, provider_id)
        cancel(get(session, lane.campaign_id))
        session.commit()

        assert begin_attempt(token, provider_id=provider_id) is None
        work(sweep.run)

        assert sms.states(lane.campaign_id) == {S.CANCELLED: 4}
        assert get(session, lane.campaign_id).status is CampaignStatus.CANCELLED

    def test_d12_an_opt_out_after_the_claim_is_respected(self, session, gateway, lane, provider_id, work):
        token = self.claimed(lane, provider_id)
        mobile = session.scalars(select(SmsMessage.mobile)).first()
        opt_out(mobile, OptOutSource.MEMBER)
        session.commit()

        batch = begin_attempt(token, provider_id=provider_id)

        assert mobile not in {each.mobile for each in batch.outgoing()}
        assert session.scalars(select(SmsMessage.left_out).where(SmsMessage.state == S.CANCELLED)).all() == [
            LeftOut.OPTED_OUT
        ]

    def test_pages_of_an_opted_out_receiver_stay_reserved_after_a_lost_lease(
        self, session, gateway, lane, provider_id, work, monkeypatch
    ):
        token = self.claimed(lane, provider_id)
        opt_out(session.scalars(select(SmsMessage.mobile)).first(), OptOutSource.MEMBER)
        session.commit()
        # As if the lease had been reaped between the query and the update.
        monkeypatch.setattr("app.services.sms.delivery.claim._change", lambda *_args, **_values: set())
        monkeypatch.setattr("app.services.sms.delivery.claim._submit", lambda *_args: None)

        begin_attempt(token, provider_id=provider_id)

        ledger_kinds = session.scalars(select(SmsLedger.kind).where(SmsLedger.message_id.is_not(None))).all()
        assert set(ledger_kinds) == {LedgerKind.RESERVE}

    def test_a_stopping_worker_claims_nothing_more(self, session, gateway, lane):
        gateway.max_batch = 1

        drain(5, is_stopping=lambda: bool(gateway.calls))

        assert len(gateway.calls) == 1

    def test_an_idle_campaign_reserves_no_call_slot(self, session, gateway, lane, provider_id, work):
        session.execute(update(SmsProvider).values(calls_per_second=1))
        work(lambda: drain(5))
        before = session.get(SmsProviderHealth, provider_id).next_call_at

        work(lambda: drain(5))

        assert session.get(SmsProviderHealth, provider_id).next_call_at == before

    def test_d11_messages_return_to_the_queue_when_the_sending_hours_end(
        self, session, gateway, lane, provider_id
    ):
        token = self.claimed(lane, provider_id)
        clock.start_at(NOON.replace(hour=17, minute=30, second=5))

        assert begin_attempt(token, provider_id=provider_id) is None

        assert sms.states(lane.campaign_id) == {S.QUEUED: 4}
        opening = (NOON + timedelta(days=1)).replace(hour=4)
        assert {row.not_before for row in session.scalars(select(SmsMessage))} == {opening}


class TestCampaigns:
    def test_a_paused_one_sends_nothing_until_it_is_resumed(self, session, gateway, acting, work):
        key = sms.campaign([CustomerFactory() for _ in range(3)], acting.member_id).id
        work(prepare.run)
        pause(get(session, key))
        session.commit()
        work(lambda: drain(5))
        assert gateway.calls == []

        resume(get(session, key))
        session.commit()
        work(lambda: drain(5))

        assert sms.states(key) == {S.ACCEPTED: 3}

    def test_a_scheduled_one_waits(self, session, gateway, acting, work):
        when = clock.now() + timedelta(hours=2)
        key = sms.campaign([CustomerFactory(), CustomerFactory()], acting.member_id, scheduled_at=when).id
        work()
        assert get(session, key).status is CampaignStatus.SCHEDULED

        clock.start_at(when)
        work(sweep.run, lambda: drain(5))

        assert sms.states(key) == {S.ACCEPTED: 2}

    def test_an_expired_message_releases_its_pages(self, session, gateway, acting, work):
        key = sms.campaign([CustomerFactory(), CustomerFactory()], acting.member_id).id
        work(prepare.run)

        clock.start_at(clock.now() + timedelta(hours=49))
        work(sweep.run)

        assert sms.states(key) == {S.EXPIRED: 2}

    def test_the_database_refuses_an_invalid_move(self, session, gateway, send):
        send(1)

        with pytest.raises(sms.REFUSED, match="never goes"), session.begin_nested():
            session.execute(update(SmsMessage).values(state=S.QUEUED))


class TestAccounts:
    def test_d06_a_campaign_is_paused_without_credit_and_resumed_with_it(self, session, gateway, send, work):
        gateway.max_batch = 10

        def script(each):
            if gateway.took.total() + len([a for a in batch if a]) < 37:
                batch.append(True)
                return sms.accept(each)
            return sms.later(Trouble.CREDIT)(each)

        batch = []
        plain = gateway.send
        gateway.send = lambda those: (batch.clear(), plain(those))[1]
        gateway.script = script
        key = send(50)
        assert sms.states(key) == {S.ACCEPTED: 37, S.QUEUED: 13}
        assert get(session, key).pause_reason is PauseReason.CREDIT

        gateway.rials = 0
        work(check_credit)
        assert get(session, key).status is CampaignStatus.PAUSED
        gateway.rials, gateway.script = 10_000_000, sms.accept
        work(check_credit)
        later(session, 20)
        work(lambda: drain(5))

        assert sms.states(key) == {S.ACCEPTED: 50}

    def test_d08b_another_account_takes_only_messages_that_were_certainly_not_sent(
        self, session, gateway, monkeypatch, send, work
    ):
        spare = sms.FakeGateway()
        sms.account(monkeypatch, spare, position=9)
        gateway.script = lambda each: (sms.silent if each.local_id % 2 else sms.later(Trouble.SENDER))(each)
        key = send(6)

        later(session, 10)
        work(lambda: drain(5))

        assert sms.states(key) == {S.UNKNOWN: 3, S.ACCEPTED: 3}
        assert all(each.local_id % 2 == 0 for each in spare.sent)

    @pytest.mark.parametrize(
        ("trouble", "stop"), [(Trouble.SENDER, ProviderStop.SENDER), (Trouble.SETUP, ProviderStop.SETUP)]
    )
    def test_a_refused_line_or_account_stops_everything(self, session, gateway, send, work, trouble, stop):
        gateway.script = sms.later(trouble)

        key = send(3)

        assert session.scalars(select(SmsProviderHealth.stop)).one() is stop
        assert get(session, key).pause_reason is PauseReason.PROVIDER
        assert len(gateway.calls) == 1

    def test_the_circuit_opens_after_five_failures_and_closes_after_a_probe(
        self, session, gateway, send, work
    ):
        gateway.max_batch = 1
        gateway.script = sms.later(Trouble.TRANSPORT)
        key = send(8)
        assert len(gateway.calls) == 5

        gateway.script = sms.accept
        work(lambda: drain(5))
        assert len(gateway.calls) == 5
        later(session, 61)
        gateway.max_batch = 200
        work(lambda: drain(5))

        assert len(gateway.calls[5]) == 1
        assert sms.states(key) == {S.ACCEPTED: 8}

    def test_attempts_are_stored(self, session, gateway, send):
        send(2)

        rows = session.scalars(select(SmsAttempt)).all()
        assert {row.finished_at is not None for row in rows} == {True}
        assert len({row.request_id for row in rows}) == 1
