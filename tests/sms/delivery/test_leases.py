"""Leases: lost workers, late results, cancellations and opt-outs between claim and call."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.lib import clock
from app.services.sms.campaign.create import cancel
from app.services.sms.consent import opt_out
from app.services.sms.delivery.attempt import begin_attempt
from app.services.sms.delivery.claim import claim
from app.services.sms.delivery.dispatch import drain
from app.services.sms.delivery.lanes import Lane
from app.services.sms.delivery.responses import record_results
from app.services.sms.provider import open_channels
from app.tasks.sms import look_up, prepare, sweep
from models.sms.campaign import CampaignStatus, LeftOut
from models.sms.consent import OptOutSource
from models.sms.message import MessageState, SmsMessage
from models.sms.provider import SmsProvider, SmsProviderHealth
from models.sms.quota import LedgerKind, SmsLedger
from models.tenancy.scope import bind
from tests.factories import CustomerFactory
from tests.sms.delivery.steps import NOON, get, later
from tests.support import sms

S = MessageState


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
        monkeypatch.setattr("app.services.sms.delivery.attempt._change", lambda *_args, **_values: set())
        monkeypatch.setattr("app.services.sms.delivery.attempt._submit", lambda *_args: None)

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
