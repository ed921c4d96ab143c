"""Unanswered messages: look-ups, proofs and manual decisions."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.gateways.sms.results import DeliveryState
from app.lib import clock
from app.services.sms.campaign.create import decide
from app.services.sms.consent import find_opt_out
from app.services.sms.delivery.dispatch import drain
from app.tasks.sms import look_up, sweep
from models.member import Member
from models.sms.attempt import Decision
from models.sms.campaign import CampaignStatus
from models.sms.consent import OptOutSource, SmsOptOut
from models.sms.message import MessageState
from models.tenancy.scope import acting_as
from tests.sms.delivery.steps import get, later
from tests.support import sms

S = MessageState


class TestUnansweredMessages:
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


class TestBlockedNumbers:
    """What a poll learns has the consequences of a posted report."""

    @pytest.mark.parametrize("script", [sms.accept, sms.silent], ids=["accepted", "unanswered"])
    def test_are_opted_out_here_alone(self, session, gateway, acting, send, work, script):
        gateway.script = script
        key = send(2)
        blocked, other = gateway.sent
        gateway.take([blocked.local_id, other.local_id])
        gateway.states[blocked.local_id] = DeliveryState.BLOCKED

        later(session, 301)
        # The opt-out follows the call, whose time is that of the database.
        clock.reset()
        work(look_up.run)

        assert sms.states(key)[S.BLOCKED] == 1
        with acting_as(session, acting):
            [found] = session.scalars(select(SmsOptOut))
            assert found.source is OptOutSource.PROVIDER
            assert find_opt_out(blocked.mobile) == found
        assert len(session.scalars(select(SmsOptOut), execution_options={"unscoped": True}).all()) == 1
