"""Accounts: credit, stops, the circuit breaker and a spare provider."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.gateways.sms.results import Trouble
from app.services.sms.delivery.credit import check_credit
from app.services.sms.delivery.dispatch import drain
from models.sms.attempt import SmsAttempt
from models.sms.campaign import CampaignStatus, PauseReason
from models.sms.message import MessageState
from models.sms.provider import ProviderStop, SmsProviderHealth
from tests.sms.delivery.steps import get, later
from tests.support import sms

S = MessageState


class TestProviderAccounts:
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
