"""Results of a send call: their effect on messages and retries."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.gateways.sms.results import Outcome, Trouble
from app.lib import clock
from app.services.sms.delivery.dispatch import drain
from app.services.sms.delivery.responses import MAX_TRIES
from models.sms.campaign import CampaignStatus
from models.sms.message import MessageState, SmsMessage
from tests.sms.delivery.steps import get, later, message_of
from tests.support import sms

S = MessageState


class TestResults:
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
