"""The machine that sends: what is claimed, meant, handed over and answered, and what comes of every kind of answer."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select, update

from app.gateways.sms.base import Outcome, Trouble
from app.lib import clock
from app.services.sms.campaign.create import cancel, decide, pause, resume
from app.services.sms.consent import opt_out
from app.services.sms.delivery import claim as sms_claim
from app.services.sms.delivery.claim import Lane, claim, intend
from app.services.sms.delivery.credit import check_credit
from app.services.sms.delivery.dispatch import drain
from app.services.sms.delivery.responses import MOST_TRIES, finish
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
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory
from tests.support import sms

S = MessageState
# Noon in Tehran, today, when every window is open: attempts and leases go by the real clock, and must not lie days after the messages.
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
def actor(manager):
    return Actor(manager.organization_id, manager.id)


@pytest.fixture
def work(session, actor):
    """Lets the clockwork run until it stands still; the session acts for the manager afterwards."""

    def run(*ticks):
        for tick in ticks or (prepare.run, lambda: drain(5)):
            tick()
        bind(session, actor)

    return run


@pytest.fixture
def send(session, actor, work):
    """Makes a campaign for new customers and works on it."""

    def run(number=3, **fields):
        key = sms.campaign([CustomerFactory() for _ in range(number)], actor.member_id, **fields).id
        work()
        return key

    return run


def later(session, seconds):
    """Time passes: by the app's clock, and by the leases and look-ups that the database's decides."""
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
    def test_what_is_accepted_is_over_for_the_campaign(self, session, gateway, send):
        key = send()

        assert sms.states(key) == {S.ACCEPTED: 3}
        assert get(session, key).status is CampaignStatus.FINISHED

    def test_e_a_refusal_for_good_is_the_end(self, session, gateway, send):
        gateway.script = sms.refuse

        assert sms.states(send()) == {S.FAILED: 3}

    def test_a_refusal_for_now_waits_and_is_tried_again(self, session, gateway, send, work):
        gateway.script = sms.later(Trouble.NONE)
        key = send()
        assert sms.states(key) == {S.QUEUED: 3}

        gateway.script = sms.accept
        work(lambda: drain(5))
        assert len(gateway.calls) == 1  # not before its time
        later(session, 10)
        work(lambda: drain(5))

        assert sms.states(key) == {S.ACCEPTED: 3}

    def test_after_eight_tries_it_is_given_up(self, session, gateway, send, work):
        gateway.script = sms.later(Trouble.NONE)
        key = send(1)

        for _try in range(MOST_TRIES):
            later(session, 1200)
            work(lambda: drain(5))

        assert sms.states(key) == {S.FAILED: 1}
        assert len(gateway.calls) == MOST_TRIES

    def test_the_providers_wish_for_patience_is_obeyed(self, session, gateway, send, work):
        gateway.script = sms.later(Trouble.NONE, retry_after=120.0)
        key = send(1)

        assert message_of(session, key).not_before >= clock.now() + timedelta(seconds=115)

    def test_d05_a_partial_answer_leaves_the_rest_unknown(self, session, gateway, send):
        gateway.script = lambda each: sms.accept(each) if each.local_id % 2 else None

        found = sms.states(send(10))

        assert found == {S.ACCEPTED: 5, S.UNKNOWN: 5}

    def test_d05_answers_are_matched_by_our_number_and_not_by_their_place(self, session, gateway, send):
        plain = gateway.send
        gateway.send = lambda batch: plain(batch)[::-1]

        key = send(10)

        rows = session.scalars(select(SmsMessage).where(SmsMessage.campaign_id == key)).all()
        assert {row.provider_message_id for row in rows} == {f"m{row.local_id}" for row in rows}

    def test_d05_one_number_for_two_messages_proves_neither(self, session, gateway, send):
        gateway.script = lambda each: sms.Answer(each.local_id, Outcome.ACCEPTED, "same")

        assert sms.states(send(4)) == {S.UNKNOWN: 4}

    def test_a_number_that_another_message_has_is_not_believed(self, session, gateway, send):
        send(1)
        taken = session.scalars(select(SmsMessage.provider_message_id)).one()
        gateway.script = lambda each: sms.Answer(
            each.local_id, Outcome.ACCEPTED, taken if not each.local_id % 3 else f"n{each.local_id}"
        )

        found = sms.states(send(3))

        assert found == {S.ACCEPTED: 2, S.UNKNOWN: 1}

    def test_who_was_refused_in_company_is_offered_alone(self, session, gateway, send, work):
        bad = []

        def script(batch):
            gateway.calls.append(list(batch))
            bad[:] = bad or [batch[0].local_id]
            if len(batch) > 1:
                return [
                    sms.Answer(each.local_id, Outcome.REFUSED_FOR_NOW, code="411", alone=True)
                    for each in batch
                ]
            return [sms.refuse(batch[0]) if batch[0].local_id in bad else sms.accept(batch[0])]

        gateway.send = script

        found = sms.states(send(5))

        assert found == {S.ACCEPTED: 4, S.FAILED: 1}
        assert [len(call) for call in gateway.calls] == [5, 1, 1, 1, 1, 1]


class TestUnknown:
    def test_d04_it_is_never_sent_again_without_proof(self, session, gateway, send, work):
        gateway.script = sms.silent
        gateway.is_mute = True
        key = send()

        for _time in range(5):
            later(session, 1000)
            work(lambda: drain(5), look_up.run, sweep.run)

        assert sms.states(key) == {S.UNKNOWN: 3}
        assert len(gateway.calls) == 1

    def test_what_the_provider_has_is_found(self, session, gateway, send, work):
        gateway.script = sms.silent
        key = send()
        gateway.take([each.local_id for each in gateway.sent])

        later(session, 31)
        work(look_up.run, sweep.run)

        assert sms.states(key) == {S.ACCEPTED: 3}
        assert get(session, key).status is CampaignStatus.FINISHED

    def test_what_it_proves_to_lack_goes_out_once_more_under_the_same_number(
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

    def test_rule_7_a_later_refusal_proves_nothing_of_the_first_attempt(self, session, gateway, send, work):
        gateway.script = sms.silent
        key = send(1)
        gateway.script = sms.refuse

        for pause_before in (31, 121, 601):
            later(session, pause_before)
            work(look_up.run, lambda: drain(5))

        assert sms.states(key) == {S.NEEDS_REVIEW: 1}

    def test_who_can_not_be_asked_leaves_it_to_a_person(self, session, gateway, monkeypatch, send, work):
        blind = sms.FakeGateway(script=sms.silent, can_look_up=False)
        sms.account(monkeypatch, blind, position=-1)
        key = send(2)

        for pause_before in (31, 121, 601):
            later(session, pause_before)
            work(look_up.run, lambda: drain(5))

        assert sms.states(key) == {S.NEEDS_REVIEW: 2}
        assert len(blind.calls) == 1

    def test_who_drops_repetitions_gets_it_again(self, session, monkeypatch, send, work):
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
    def test_a_person_decides(self, session, monkeypatch, actor, send, work, decision, end):
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
            by=session.get(Member, actor.member_id),
        )
        session.commit()
        work(lambda: drain(5))

        assert number == 1
        assert sms.states(key) == {S.ACCEPTED: 1}
        assert blind.took.total() == end


class TestWorkersThatDie:
    @pytest.fixture
    def lane(self, session, actor, gateway):
        key = sms.campaign([CustomerFactory() for _ in range(4)], actor.member_id).id
        prepare.run()
        bind(session, actor)
        return Lane(actor.organization_id, key)

    @pytest.fixture
    def provider_id(self, session, lane):
        return open_channels()[0].provider_id

    def claimed(self, lane, provider_id):
        return claim(lane, provider_id=provider_id, takes_new=True, most=200)

    def test_d01_what_was_only_taken_waits_again(self, session, gateway, lane, provider_id, work):
        self.claimed(lane, provider_id)
        later(session, 61)

        work(sweep.run, lambda: drain(5))

        assert sms.states(lane.campaign_id) == {S.ACCEPTED: 4}
        assert set(gateway.took.values()) == {1}

    def test_d02_what_was_meant_is_looked_up(self, session, gateway, lane, provider_id, work):
        batch = intend(self.claimed(lane, provider_id), provider_id=provider_id)
        gateway.send(batch.outgoing())
        later(session, 91)

        work(sweep.run, lambda: drain(5))
        assert sms.states(lane.campaign_id) == {S.UNKNOWN: 4}
        work(look_up.run)

        assert sms.states(lane.campaign_id) == {S.ACCEPTED: 4}
        assert set(gateway.took.values()) == {1}

    def test_d09_an_answer_that_comes_after_the_lease_changes_nothing(
        self, session, gateway, lane, provider_id, work
    ):
        batch = intend(self.claimed(lane, provider_id), provider_id=provider_id)
        answers = gateway.send(batch.outgoing())
        later(session, 91)
        work(sweep.run)

        finish(batch, answers)

        assert sms.states(lane.campaign_id) == {S.UNKNOWN: 4}
        assert session.get(SmsProviderHealth, provider_id).lease_conflicts == 4

    def test_a_lease_that_is_over_means_nothing_any_more(self, session, gateway, lane, provider_id):
        token = self.claimed(lane, provider_id)
        later(session, 61)

        assert intend(token, provider_id=provider_id) is None

    def test_two_workers_take_different_messages(self, session, gateway, lane, provider_id):
        claims = [claim(lane, provider_id=provider_id, takes_new=True, most=3) for _worker in range(3)]

        taken = [
            session.scalars(select(SmsMessage.id).where(SmsMessage.lease_token == each.lease_token)).all()
            for each in claims[:2]
        ]
        assert [sorted(each.ids) for each in claims[:2]] == [sorted(keys) for keys in taken]
        assert sorted(map(len, taken)) == [1, 3]
        assert claims[2] is None
        assert not set(taken[0]) & set(taken[1])

    def test_r17_who_cancels_before_the_intent_wins(self, session, gateway, lane, provider_id, work):
        token = self.claimed(lane, provider_id)
        cancel(get(session, lane.campaign_id))
        session.commit()

        assert intend(token, provider_id=provider_id) is None
        work(sweep.run)

        assert sms.states(lane.campaign_id) == {S.CANCELLED: 4}
        assert get(session, lane.campaign_id).status is CampaignStatus.CANCELLED

    def test_d12_who_opts_out_meanwhile_gets_nothing(self, session, gateway, lane, provider_id, work):
        token = self.claimed(lane, provider_id)
        mobile = session.scalars(select(SmsMessage.mobile)).first()
        opt_out(mobile, OptOutSource.MEMBER)
        session.commit()

        batch = intend(token, provider_id=provider_id)

        assert mobile not in {each.mobile for each in batch.outgoing()}
        assert session.scalars(select(SmsMessage.left_out).where(SmsMessage.state == S.CANCELLED)).all() == [
            LeftOut.OPTED_OUT
        ]

    def test_who_opts_out_after_the_lease_was_over_keeps_his_pages_until_he_is_met_again(
        self, session, gateway, lane, provider_id, work, monkeypatch
    ):
        token = self.claimed(lane, provider_id)
        opt_out(session.scalars(select(SmsMessage.mobile)).first(), OptOutSource.MEMBER)
        session.commit()
        # Between the look at what was claimed and the word about it the reaper came.
        monkeypatch.setattr(sms_claim, "_change", lambda *_args, **_values: set())
        monkeypatch.setattr(sms_claim, "_submit", lambda *_args: None)

        intend(token, provider_id=provider_id)

        held = session.scalars(select(SmsLedger.kind).where(SmsLedger.message_id.is_not(None))).all()
        assert set(held) == {LedgerKind.RESERVE}

    def test_a_worker_that_is_told_to_stop_claims_nothing_more(self, session, gateway, lane):
        gateway.max_batch = 1

        drain(5, is_stopping=lambda: bool(gateway.calls))

        assert len(gateway.calls) == 1

    def test_an_idle_campaign_uses_up_no_turn_of_an_account(self, session, gateway, lane, provider_id, work):
        session.execute(update(SmsProvider).values(calls_per_second=1))
        work(lambda: drain(5))
        before = session.get(SmsProviderHealth, provider_id).next_call_at

        work(lambda: drain(5))

        assert session.get(SmsProviderHealth, provider_id).next_call_at == before

    def test_d11_a_window_that_closes_puts_them_back(self, session, gateway, lane, provider_id):
        token = self.claimed(lane, provider_id)
        clock.start_at(NOON.replace(hour=17, minute=30, second=5))

        assert intend(token, provider_id=provider_id) is None

        assert sms.states(lane.campaign_id) == {S.QUEUED: 4}
        opening = (NOON + timedelta(days=1)).replace(hour=4)
        assert {row.not_before for row in session.scalars(select(SmsMessage))} == {opening}


class TestCampaigns:
    def test_a_paused_one_sends_nothing_until_it_goes_on(self, session, gateway, actor, work):
        key = sms.campaign([CustomerFactory() for _ in range(3)], actor.member_id).id
        work(prepare.run)
        pause(get(session, key))
        session.commit()
        work(lambda: drain(5))
        assert gateway.calls == []

        resume(get(session, key))
        session.commit()
        work(lambda: drain(5))

        assert sms.states(key) == {S.ACCEPTED: 3}

    def test_a_scheduled_one_waits(self, session, gateway, actor, work):
        when = clock.now() + timedelta(hours=2)
        key = sms.campaign([CustomerFactory(), CustomerFactory()], actor.member_id, scheduled_at=when).id
        work()
        assert get(session, key).status is CampaignStatus.SCHEDULED

        clock.start_at(when)
        work(sweep.run, lambda: drain(5))

        assert sms.states(key) == {S.ACCEPTED: 2}

    def test_what_waits_too_long_expires_and_gives_its_pages_back(self, session, gateway, actor, work):
        key = sms.campaign([CustomerFactory(), CustomerFactory()], actor.member_id).id
        work(prepare.run)

        clock.start_at(clock.now() + timedelta(hours=49))
        work(sweep.run)

        assert sms.states(key) == {S.EXPIRED: 2}

    def test_the_database_refuses_a_move_that_was_not_foreseen(self, session, gateway, send):
        send(1)

        with pytest.raises(sms.REFUSED, match="never goes"), session.begin_nested():
            session.execute(update(SmsMessage).values(state=S.QUEUED))


class TestAccounts:
    def test_d06_credit_that_ends_pauses_and_comes_back(self, session, gateway, send, work):
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

    def test_d08b_another_account_takes_what_was_never_on_the_wire(
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

    def test_attempts_are_kept(self, session, gateway, send):
        send(2)

        rows = session.scalars(select(SmsAttempt)).all()
        assert {row.finished_at is not None for row in rows} == {True}
        assert len({row.request_id for row in rows}) == 1
