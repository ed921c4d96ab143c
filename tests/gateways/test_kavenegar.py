"""Kavenegar's client against the sandbox over real connections, with every failure mode."""

import logging
from collections import Counter

import pytest

from app.gateways import http_client
from app.gateways.sms.base import LookUpFailed, Outgoing, ProviderAccount
from app.gateways.sms.kavenegar import Kavenegar
from app.gateways.sms.results import Outcome, Trouble
from tests.support.sandbox import certificate, running_sandbox
from tests.support.stack import free_port

KEY = "6B6579-in-no-log"
TWO = [Outgoing(101, "+989121234567", "سلام"), Outgoing(102, "+989351234567", "درود")]


def many(count, first=1000):
    # No number has a suffix that the sandbox treats specially.
    return [Outgoing(first + n, f"+98912{first + n:06}5", f"پیام {n}") for n in range(count)]


def outcomes(answers):
    return Counter(answer.outcome for answer in answers)


class TestSend:
    def test_gives_each_message_the_id_that_the_provider_gave_it(self, sandbox):
        answers = sandbox.provider().send(TWO)

        ledger = {row["localid"]: row for row in sandbox.get("ledger")}
        assert [(answer.local_id, answer.outcome) for answer in answers] == [
            (101, Outcome.ACCEPTED),
            (102, Outcome.ACCEPTED),
        ]
        assert all(str(ledger[each.local_id]["messageid"]) == each.provider_message_id for each in answers)
        assert (ledger[101]["receptor"], ledger[101]["message"]) == ("09121234567", "سلام")

    def test_sends_one_alone_with_its_cost(self, sandbox):
        [answer] = sandbox.provider().send(TWO[:1])

        assert (answer.outcome, answer.cost_rials, answer.code) == (Outcome.ACCEPTED, 1200, "1")

    def test_of_an_empty_batch_makes_no_call(self, sandbox):
        assert sandbox.provider().send([]) == []
        assert sandbox.get("tally")["calls"] == 0

    @pytest.mark.parametrize("mode", ["shuffle", "anonymous"])
    def test_matches_entries_by_what_they_say_not_by_their_place(self, sandbox, mode):
        sandbox.control(next=mode)

        answers = sandbox.provider().send(many(50))

        ledger = {row["localid"]: str(row["messageid"]) for row in sandbox.get("ledger")}
        assert {answer.local_id: answer.provider_message_id for answer in answers} == ledger

    def test_equal_texts_to_one_number_are_unknown_without_ids(self, sandbox):
        sandbox.control(next="anonymous")
        twins = [Outgoing(1, "+989121234567", "سلام"), Outgoing(2, "+989121234567", "سلام"), TWO[1]]

        answers = sandbox.provider().send(twins)

        assert [answer.outcome for answer in answers] == [Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.ACCEPTED]

    def test_a_message_missing_from_the_response_is_unknown(self, sandbox):
        sandbox.control(next="partial", partial_share=0.2)

        answers = sandbox.provider().send(many(100))

        assert outcomes(answers) == {Outcome.ACCEPTED: 80, Outcome.UNKNOWN: 20}
        assert len(sandbox.get("ledger")) == 100

    def test_messages_that_share_a_provider_id_are_unknown(self, sandbox):
        sandbox.control(next="duplicate")

        answers = sandbox.provider().send(many(5))

        assert [answer.outcome for answer in answers] == [
            Outcome.UNKNOWN,
            *[Outcome.ACCEPTED] * 3,
            Outcome.UNKNOWN,
        ]

    @pytest.mark.parametrize(
        ("mode", "trouble"),
        [
            ("bad_gateway", Trouble.TRANSPORT),
            ("html", Trouble.TRANSPORT),
            ("cut", Trouble.TRANSPORT),
            ("huge", Trouble.TRANSPORT),
            ("reset", Trouble.TRANSPORT),
            ("silent", Trouble.TRANSPORT),
        ],
    )
    def test_messages_are_unknown_when_the_response_fails_after_acceptance(
        self, sandbox, short_timeout, mode, trouble
    ):
        sandbox.control(next=mode)

        answers = sandbox.provider().send(TWO)

        assert {(answer.outcome, answer.trouble) for answer in answers} == {(Outcome.UNKNOWN, trouble)}
        assert len(sandbox.get("ledger")) == 2

    def test_messages_are_unknown_after_a_server_error(self, sandbox):
        sandbox.control(next="error")

        answers = sandbox.provider().send(TWO)

        assert outcomes(answers) == {Outcome.UNKNOWN: 2}
        assert sandbox.get("ledger") == []

    @pytest.mark.parametrize(
        ("mode", "trouble", "wait"),
        [("busy", Trouble.BUSY, 2.0), ("busy_409", Trouble.BUSY, 2.0), ("no_credit", Trouble.CREDIT, None)],
    )
    def test_reads_a_temporary_refusal_and_its_pause(self, sandbox, mode, trouble, wait):
        sandbox.control(next=mode)

        answers = sandbox.provider().send(TWO)

        assert {(each.outcome, each.trouble, each.retry_after) for each in answers} == {
            (Outcome.REFUSED_FOR_NOW, trouble, wait)
        }
        assert sandbox.get("ledger") == []

    def test_keeps_what_was_accepted_before_the_credit_ended(self, sandbox):
        sandbox.control(credit=37 * 1200)

        answers = sandbox.provider().send(many(100))

        assert outcomes(answers) == {Outcome.ACCEPTED: 37, Outcome.REFUSED_FOR_NOW: 63}
        assert {each.trouble for each in answers[37:]} == {Trouble.CREDIT}

    def test_refuses_only_the_invalid_numbers(self, sandbox):
        batch = [*TWO, Outgoing(103, "+989121230411", "سلام"), Outgoing(104, "+989121230014", "سلام")]

        answers = sandbox.provider().send(batch)

        assert [(answer.outcome, answer.code) for answer in answers[2:]] == [
            (Outcome.REFUSED_FOR_GOOD, "411"),
            (Outcome.REFUSED_FOR_GOOD, "14"),
        ]
        assert outcomes(answers[:2]) == {Outcome.ACCEPTED: 2}

    def test_refuses_no_message_for_good_when_a_whole_batch_is_refused(self, sandbox):
        sandbox.control(rejection="call")
        batch = [*TWO, Outgoing(103, "+989121230411", "سلام")]

        together = sandbox.provider().send(batch)
        single = [sandbox.provider().send([each])[0] for each in batch]

        assert {(each.outcome, each.alone) for each in together} == {(Outcome.REFUSED_FOR_NOW, True)}
        assert [each.outcome for each in single] == [
            Outcome.ACCEPTED,
            Outcome.ACCEPTED,
            Outcome.REFUSED_FOR_GOOD,
        ]

    @pytest.mark.parametrize(
        ("key", "trouble"), [("unknown", Trouble.SETUP), ("off", Trouble.SETUP), ("poor", Trouble.CREDIT)]
    )
    def test_blames_the_account_and_not_the_message(self, sandbox, key, trouble):
        answers = sandbox.provider(key).send(TWO)

        assert {(each.outcome, each.trouble) for each in answers} == {(Outcome.REFUSED_FOR_NOW, trouble)}

    def test_blames_the_line(self, sandbox):
        account = ProviderAccount("good", f"http://{sandbox.host}/v1", "no-line")

        answers = Kavenegar(account, public_only=False).send(TWO)

        assert {(each.outcome, each.trouble) for each in answers} == {
            (Outcome.REFUSED_FOR_NOW, Trouble.SENDER)
        }

    @pytest.mark.parametrize(
        "address", ["http://127.0.0.1:{port}/v1", "http://nowhere.invalid/v1", "ftp://x", "no address"]
    )
    def test_reports_not_sent_to_an_unreachable_address(self, address):
        account = ProviderAccount("good", address.format(port=free_port()), "")

        answers = Kavenegar(account, public_only=False).send(TWO)

        assert {(each.outcome, each.trouble) for each in answers} == {
            (Outcome.REFUSED_FOR_NOW, Trouble.TRANSPORT)
        }

    def test_reports_not_sent_after_the_send_deadline(self, sandbox, monkeypatch):
        monkeypatch.setattr(http_client, "SEND_DEADLINE", -1.0)

        answers = sandbox.provider().send(TWO)

        assert outcomes(answers) == {Outcome.REFUSED_FOR_NOW: 2}
        assert sandbox.get("tally")["calls"] == 0

    def test_of_production_uses_no_private_address(self, sandbox):
        account = ProviderAccount("good", f"http://{sandbox.host}/v1", "")

        answers = Kavenegar(account, public_only=True).send(TWO)

        assert outcomes(answers) == {Outcome.REFUSED_FOR_NOW: 2}
        assert sandbox.get("tally")["calls"] == 0


class TestEncryption:
    @pytest.fixture
    def secure(self, tmp_path):
        http_client._tls_context.cache_clear()
        with running_sandbox(tmp_path, certificate(tmp_path)) as running:
            yield running
        http_client._tls_context.cache_clear()

    def test_sends_nothing_to_a_server_with_an_untrusted_certificate(self, secure):
        answers = secure.provider().send(TWO)

        assert {(each.outcome, each.code) for each in answers} == {
            (Outcome.REFUSED_FOR_NOW, "not sent: SSLCertVerificationError")
        }
        assert secure.server.state.ledger.entries == []

    def test_sends_where_the_certificate_is_known(self, secure, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", str(secure.folder / "certificate.pem"))

        answers = secure.provider().send(TWO)

        assert outcomes(answers) == {Outcome.ACCEPTED: 2}


class TestPatterns:
    def test_are_sent_with_their_tokens(self, sandbox):
        answer = sandbox.provider().send_pattern(TWO[0], "verify", ["48213", "", "", "آقای رضایی"])

        assert answer.outcome is Outcome.ACCEPTED
        assert sandbox.get("ledger")[0]["message"] == "[verify] 48213 آقای رضایی"

    @pytest.mark.parametrize(
        ("pattern", "token", "code"), [("unknown", "1", "424"), ("verify", "1 2", "431")]
    )
    def test_are_refused_for_good_when_they_are_wrong(self, sandbox, pattern, token, code):
        answer = sandbox.provider().send_pattern(TWO[0], pattern, [token])

        assert (answer.outcome, answer.code) == (Outcome.REFUSED_FOR_GOOD, code)


def test_keys_appear_in_no_representation_error_or_log(sandbox, short_timeout, caplog):
    caplog.set_level(logging.DEBUG)
    account = ProviderAccount(KEY, f"http://{sandbox.host}/v1", "10004346")
    nowhere = ProviderAccount(KEY, f"http://127.0.0.1:{free_port()}/v1", "")
    said = [repr(account), str(account)]

    for given in (account, nowhere, ProviderAccount(KEY, "http://[broken", "")):
        provider = Kavenegar(given, public_only=False)
        said.append(repr(provider.send(TWO)))
        with pytest.raises(LookUpFailed) as failure:
            provider.credit()
        said += [str(failure.value), repr(failure.value.__cause__), str(failure.getrepr(style="short"))]

    assert KEY not in "".join(said) + caplog.text
