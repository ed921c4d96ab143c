"""The sandbox: ledger, settings and webhooks."""

import json
from threading import Event
from urllib.error import HTTPError
from urllib.parse import parse_qs
from urllib.request import Request, urlopen

import pytest

from app.gateways.sms.base import Outgoing
from app.gateways.sms.results import Outcome
from tests.support.canned import canned, response
from tests.support.sandbox import running_sandbox

ONE = [Outgoing(1, "+989121234567", "سلام")]
PATIENCE = 10


def arrived(requests, count):
    """The forms posted to a listener, once there are *count* of them."""
    waiting = Event()
    for _look in range(PATIENCE * 20):
        if len(requests) >= count:
            break
        waiting.wait(0.05)
    bodies = [request.partition(b"\r\n\r\n")[2].decode() for request in requests]
    return [{name: values[0] for name, values in parse_qs(body).items()} for body in bodies]


def status_of(url, body=None, headers=None):
    try:
        with urlopen(Request(url, body, headers or {}), timeout=PATIENCE) as answer:
            return answer.status
    except HTTPError as error:
        with error:
            return error.code


class TestSandboxLedger:
    def test_survives_a_restart(self, tmp_path):
        with running_sandbox(tmp_path) as first:
            first.provider().send(ONE)
            first.control(error=0.5)
            before = first.get("ledger")

        with running_sandbox(tmp_path) as second:
            after = second.get("ledger")
            second.control(error=0)
            second.provider().send([Outgoing(2, "+989121234567", "سلام")])

            assert [row["messageid"] for row in after] == [row["messageid"] for row in before]
            assert len({row["messageid"] for row in second.get("ledger")}) == 2

    def test_survives_a_line_that_was_cut_by_a_kill(self, tmp_path):
        with running_sandbox(tmp_path) as first:
            first.provider().send(ONE)
        with (tmp_path / "ledger.jsonl").open("a") as file:
            file.write('{"accept": {"receptor": "0912')

        with running_sandbox(tmp_path) as second:
            second.provider().send([Outgoing(2, "+989121234567", "سلام")])
        with running_sandbox(tmp_path) as third:
            assert [row["localid"] for row in third.get("ledger")] == [1, 2]

    def test_has_one_entry_per_acceptance_of_a_repeated_local_id(self, sandbox):
        for _time in range(2):
            sandbox.provider().send(ONE)

        assert sandbox.get("tally")["doubled"] == {"1": 2}

    def test_can_accept_a_repeated_local_id_only_once(self, sandbox):
        sandbox.control(suppress_local_ids=True)

        ids = {sandbox.provider().send(ONE)[0].provider_message_id for _time in range(2)}

        assert (len(ids), len(sandbox.get("ledger"))) == (1, 1)

    def test_is_read_in_pages_and_by_filter(self, sandbox):
        sandbox.provider().send([Outgoing(n, "+989121234567", "سلام") for n in range(1, 6)])
        rows = sandbox.get("ledger")

        assert sandbox.get(f"ledger?after={rows[2]['messageid']}&limit=1") == [rows[3]]
        assert sandbox.get("ledger?localid=5") == [rows[4]]
        assert sandbox.get("ledger?receptor=09350000000") == []

    def test_omits_blocked_messages(self, sandbox):
        sandbox.provider().send([Outgoing(1, "+989121230014", "سلام")])

        assert sandbox.get("ledger") == []


class TestControl:
    def test_fails_at_the_configured_rate(self, sandbox):
        sandbox.control(preset="drill", silent=0, reject_numbers=0)

        answers = [sandbox.provider().send([Outgoing(n, "+989121234567", "سلام")])[0] for n in range(1, 301)]

        accepted = sum(answer.outcome is Outcome.ACCEPTED for answer in answers)
        assert 255 < accepted < 295
        assert len(sandbox.get("ledger")) > accepted

    def test_rejects_the_same_share_of_numbers_every_time(self, sandbox):
        sandbox.control(reject_numbers=0.2)
        batch = [Outgoing(n, f"+98912{n:06}5", "سلام") for n in range(1, 201)]

        first, second = ([each.outcome for each in sandbox.provider().send(batch)] for _time in range(2))

        assert first == second
        assert 20 < first.count(Outcome.REFUSED_FOR_GOOD) < 60

    @pytest.mark.parametrize(
        ("given", "name"),
        [({"errors": 1}, "errors"), ({"error": 2}, "error"), ({"error": "x"}, "error"), ({"next": "sulk"}, "sulk"),
         ({"reports_url": "file:///etc/passwd"}, "reports_url"), ({"suppress_local_ids": "maybe"}, "suppress")],
    )  # fmt: skip
    def test_names_the_invalid_setting(self, sandbox, given, name):
        with pytest.raises(HTTPError) as refusal:
            sandbox.control(**given)

        with refusal.value as answer:
            assert answer.code == 400
            assert name in json.load(answer)["error"]

    def test_is_set_by_a_form_and_by_a_header_too(self, sandbox):
        shown = sandbox.submit("control", next="busy,partial", hold="1.5")
        code = status_of(
            f"http://{sandbox.host}/v1/good/sms/send.json",
            b"receptor=09121234567&message=x",
            {"X-Sandbox-Mode": "no_credit"},
        )

        assert (shown["next"], shown["hold"]) == (["busy", "partial"], 1.5)
        assert code == 418

    @pytest.mark.parametrize(
        ("number", "code"),
        [
            ("09000000500", 500),
            ("09000000429", 429),
            ("09000000409", 409),
            ("09000000418", 418),
            ("09000000502", 502),
        ],
    )
    def test_has_numbers_that_fail(self, sandbox, number, code):
        body = f"receptor={number}&message=x".encode()

        assert status_of(f"http://{sandbox.host}/v1/good/sms/send.json", body) == code

    def test_limits_calls_a_minute(self, sandbox):
        sandbox.control(calls_per_minute=2)

        codes = [sandbox.provider().send(ONE)[0].code for _time in range(3)]

        assert codes == ["1", "1", "451"]

    def test_is_reset_to_the_defaults(self, sandbox):
        sandbox.provider().send(ONE)
        sandbox.control(error=1, credit=0)

        sandbox.post("reset", ledger="keep")
        remaining = sandbox.get("ledger")
        sandbox.post("reset")

        assert (len(remaining), sandbox.get("ledger")) == (1, [])
        assert sandbox.provider().send(ONE)[0].outcome is Outcome.ACCEPTED

    def test_refuses_cross_site_requests(self, sandbox):
        foreign = {"Sec-Fetch-Site": "cross-site"}

        assert status_of(f"http://{sandbox.host}/sandbox/reset", b"", foreign) == 403


class TestSandboxReports:
    def test_are_posted_when_messages_are_sent_and_when_they_arrive(self, sandbox):
        with canned(response(b"ok")) as (url, requests):
            sandbox.control(reports_url=f"{url}/sms/report/kavenegar/secret", sent_after=0, final_after=0.1)
            [answer] = sandbox.provider().send(ONE)

            reports = arrived(requests, 2)

        assert sorted(int(report["status"]) for report in reports) == [5, 10]
        assert {(report["messageid"], report["localid"]) for report in reports} == {
            (answer.provider_message_id, "1")
        }

    def test_can_be_repeated_and_out_of_order(self, sandbox):
        with canned(response(b"ok")) as (url, requests):
            sandbox.control(reports_url=url, sent_after=0, final_after=0, reports_twice=1, reports_disorder=1)
            sandbox.provider().send(ONE)
            sandbox.post("advance", seconds=5)

            reports = arrived(requests, 4)

        assert sorted(report["status"] for report in reports) == ["10", "10", "5", "5"]

    def test_are_retried_after_an_error(self, sandbox, monkeypatch):
        monkeypatch.setattr("app.sandbox.webhooks._PAUSE", 0.05)
        with canned(response(b"", "503 Busy")) as (url, requests):
            sandbox.control(inbound_url=url)
            sandbox.post("inbound", **{"from": "09121234567", "message": "سلام"})

            assert len(arrived(requests, 3)) == 3


class TestInbound:
    def test_is_passed_on_as_kavenegar_does(self, sandbox):
        with canned(response(b"ok")) as (url, requests):
            sandbox.control(inbound_url=f"{url}/sms/inbound")
            inbound = sandbox.submit(
                "inbound", **{"from": "+98 912 123 4567", "to": "10004346", "message": "۱۱"}
            )

            [got] = arrived(requests, 1)

        assert inbound["passed_on"]
        assert got | {"messageid": ""} == {
            "from": "09121234567",
            "to": "10004346",
            "message": "۱۱",
            "messageid": "",
        }

    def test_blocks_a_sender_from_eleven_until_twelve(self, sandbox):
        outcomes = []
        for text in ("۱۱", "12"):
            sandbox.submit("inbound", **{"from": "09121234567", "message": text})
            outcomes.append(sandbox.provider().send(ONE)[0].outcome)

        assert outcomes == [Outcome.REFUSED_FOR_GOOD, Outcome.ACCEPTED]

    def test_needs_a_number(self, sandbox):
        with pytest.raises(HTTPError, match="400"):
            sandbox.submit("inbound", **{"from": "bank", "message": "سلام"})
