"""Kavenegar's look-ups, delivery status and credit against the sandbox."""

from collections import Counter

import pytest

from app.gateways.sms.base import LookUpFailed, Outgoing, ProviderAccount
from app.gateways.sms.kavenegar import Kavenegar
from app.gateways.sms.results import DeliveryState
from tests.gateways.test_kavenegar import TWO, many
from tests.support.stack import free_port


class TestKavenegarLookUp:
    def test_finds_what_was_accepted_without_an_answer(self, sandbox):
        sandbox.control(next="bad_gateway")
        provider = sandbox.provider()
        provider.send(TWO)

        found = {each.local_id: each for each in provider.look_up([101, 102, 103])}

        assert found[101].state is DeliveryState.ACCEPTED
        assert found[102].provider_message_id == str(sandbox.get("ledger?localid=102")[0]["messageid"])
        assert (found[103].state, found[103].provider_message_id) == (None, None)

    def test_splits_a_look_up_into_several_calls(self, sandbox):
        provider = sandbox.provider()
        for start in range(0, 600, 200):
            provider.send(many(200, start + 1))

        found = provider.look_up(range(1, 701))

        assert Counter(each.state is None for each in found) == {False: 600, True: 100}

    def test_fails_instead_of_reporting_not_found(self, sandbox):
        dead = Kavenegar(ProviderAccount("good", f"http://127.0.0.1:{free_port()}/v1", ""), public_only=False)

        for provider in (dead, sandbox.provider("off")):
            with pytest.raises(LookUpFailed):
                provider.look_up([101])
            with pytest.raises(LookUpFailed):
                provider.status(["8000000001"])
            with pytest.raises(LookUpFailed):
                provider.credit()

    def test_reads_the_status_of_messages(self, sandbox):
        batch = [
            TWO[0],
            Outgoing(111, "+989121230011", "سلام"),
            Outgoing(106, "+989121230006", "سلام"),
        ]
        provider = sandbox.provider()
        ids = [answer.provider_message_id for answer in provider.send(batch)]
        sandbox.post("advance", seconds=60)

        found = provider.status([*ids, "77"])

        assert [each.state for each in found] == [
            DeliveryState.DELIVERED,
            DeliveryState.UNDELIVERED,
            DeliveryState.FAILED,
            None,
        ]

    def test_reads_the_credit(self, sandbox):
        sandbox.control(credit=5000)

        assert sandbox.provider().credit() == 5000
