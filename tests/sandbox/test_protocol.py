"""Kavenegar's API in the sandbox: keys, invalid requests, cancellation and the blacklist."""

import json
from urllib.request import urlopen

import pytest

from app.gateways.sms.results import Outcome
from tests.sandbox.test_server import ONE, PATIENCE, status_of
from tests.support.sandbox import running_sandbox


class TestProtocol:
    @pytest.mark.parametrize(
        ("key", "code"), [("good", 200), ("6B65" * 16, 200), ("of-the-panel", 200), ("wrong", 403)]
    )
    def test_accepts_known_keys(self, tmp_path, monkeypatch, key, code):
        monkeypatch.setenv("SMS_API_KEY", "of-the-panel")
        with running_sandbox(tmp_path) as sandbox:
            assert status_of(f"http://{sandbox.host}/v1/{key}/account/info.json") == code

    @pytest.mark.parametrize(
        ("method", "body", "code"),
        [
            ("sms/nothing", b"", 404),
            ("sms/send", b"", 400),
            ("sms/status", b"messageid=x", 400),
            ("sms/status", b"messageid=" + b"1," * 501, 414),
            ("sms/sendarray", b'receptor=["09121234567"]&sender=["1000"]&message=["a","b"]', 419),
            ("sms/sendarray", b"receptor=[[[&sender=[]&message=[]", 422),
            ("sms/send", b"receptor=09121234567&message=a&localid=x", 422),
        ],
    )
    def test_refuses_invalid_requests(self, sandbox, method, body, code):
        assert status_of(f"http://{sandbox.host}/v1/good/{method}.json", body) == code

    def test_cancels_an_unsent_message(self, sandbox):
        sandbox.control(sent_after=60, final_after=90)
        [answer] = sandbox.provider().send(ONE)
        url = f"http://{sandbox.host}/v1/good/sms/cancel.json?messageid={answer.provider_message_id}"

        with urlopen(url, timeout=PATIENCE) as response:
            [entry] = json.load(response)["entries"]

        assert entry["status"] == 13

    def test_keeps_a_list_of_the_blocked(self, sandbox):
        base = f"http://{sandbox.host}/v1/good/line/blocked"
        status_of(f"{base}/add.json?number=09121234567")

        with urlopen(f"{base}/list.json", timeout=PATIENCE) as response:
            entries = json.load(response)["entries"]
        status_of(f"{base}/remove.json?number=09121234567")

        assert entries == [{"number": "09121234567", "reason": 0}]
        assert sandbox.provider().send(ONE)[0].outcome is Outcome.ACCEPTED
