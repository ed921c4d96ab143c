"""SMS.ir's client over real connections, against servers that follow its documentation."""

import json

import pytest

from app.gateways.sms.base import Inbound, LookUpFailed, Outgoing, ProviderAccount
from app.gateways.sms.results import DeliveryReport, DeliveryState, LookUpResult, Outcome, Trouble
from app.gateways.sms.sms_ir import SmsIr
from tests.support.canned import canned, response

ONE = Outgoing(1, "+989121234567", "سلام")


def provider(url):
    return SmsIr(ProviderAccount("the-key", f"{url}/v1", "30007732"), public_only=False)


def api_response(status, data=None, http="200 OK"):
    return response(json.dumps({"status": status, "message": "…", "data": data}).encode(), http)


def send_response(ids, status=1, http="200 OK"):
    return api_response(status, {"packId": "p", "messageIds": ids, "cost": 1.0}, http)


def test_sends_one_with_the_key_in_its_header():
    with canned(send_response([89545112])) as (url, got):
        [answer] = provider(url).send([ONE])

    head, _blank, body = got[0].partition(b"\r\n\r\n")
    assert (answer.outcome, answer.provider_message_id) == (Outcome.ACCEPTED, "89545112")
    assert head.startswith(b"POST /v1/send/bulk ")
    assert b"the-key" in head
    assert json.loads(body) == {"lineNumber": 30007732, "messageText": "سلام", "mobiles": ["09121234567"]}


@pytest.mark.parametrize(
    ("ids", "outcome"),
    [
        ([0], Outcome.REFUSED_FOR_GOOD),
        ([None], Outcome.REFUSED_FOR_GOOD),
        ([], Outcome.UNKNOWN),
        ([1, 2], Outcome.UNKNOWN),
        ([False], Outcome.UNKNOWN),
        (["x"], Outcome.UNKNOWN),
        ("12", Outcome.UNKNOWN),
    ],
)
def test_classifies_invalid_message_ids(ids, outcome):
    with canned(send_response(ids)) as (url, _got):
        [answer] = provider(url).send([ONE])

    assert answer.outcome is outcome


@pytest.mark.parametrize(
    ("status", "http", "outcome", "trouble"),
    [
        (10, "401 No", Outcome.REFUSED_FOR_NOW, Trouble.SETUP),
        (102, "400 No", Outcome.REFUSED_FOR_NOW, Trouble.CREDIT),
        (101, "400 No", Outcome.REFUSED_FOR_NOW, Trouble.SENDER),
        (20, "429 No", Outcome.REFUSED_FOR_NOW, Trouble.BUSY),
        (104, "400 No", Outcome.REFUSED_FOR_GOOD, Trouble.NONE),
        (115, "200 OK", Outcome.REFUSED_FOR_GOOD, Trouble.NONE),
        (0, "200 OK", Outcome.UNKNOWN, Trouble.NONE),
        (102, "500 No", Outcome.UNKNOWN, Trouble.TRANSPORT),
        (1, "400 No", Outcome.UNKNOWN, Trouble.SETUP),
        (999, "400 No", Outcome.UNKNOWN, Trouble.NONE),
    ],
)
def test_codes_fall_into_their_classes(status, http, outcome, trouble):
    with canned(send_response([7], status, http)) as (url, _got):
        [answer] = provider(url).send([ONE])

    assert (answer.outcome, answer.trouble) == (outcome, trouble)


def test_refuses_a_batch_of_several_messages():
    with canned(send_response([1, 2])) as (url, got):
        answers = provider(url).send([ONE, Outgoing(2, "+989351234567", "سلام")])

    assert {(answer.outcome, answer.alone) for answer in answers} == {(Outcome.REFUSED_FOR_NOW, True)}
    assert got == []


def test_names_the_parameters_of_a_pattern():
    with canned(api_response(1, {"messageId": 77, "cost": 1.0})) as (url, got):
        answer = provider(url).send_pattern(ONE, "123456:Code, Name", ["48213", "رضایی"])

    body = json.loads(got[0].partition(b"\r\n\r\n")[2])
    assert (answer.outcome, answer.provider_message_id) == (Outcome.ACCEPTED, "77")
    assert body["parameters"] == [{"name": "Code", "value": "48213"}, {"name": "Name", "value": "رضایی"}]


@pytest.mark.parametrize("pattern", ["", "verify:Code", "123456", "123456:Code,Name"])
def test_refuses_patterns_that_do_not_match_their_tokens(pattern):
    with canned(api_response(1)) as (url, got):
        answer = provider(url).send_pattern(ONE, pattern, ["48213"])

    assert (answer.outcome, got) == (Outcome.REFUSED_FOR_GOOD, [])


@pytest.mark.parametrize(
    ("data", "status", "found"),
    [
        ({"deliveryState": 1}, 1, [LookUpResult(None, "77", DeliveryState.DELIVERED)]),
        ({"deliveryState": 7}, 1, [LookUpResult(None, "77", DeliveryState.BLOCKED)]),
        ({"deliveryState": 99}, 1, []),
        (None, 111, [LookUpResult(None, "77", None)]),
    ],
)
def test_reads_the_status_of_a_message(data, status, found):
    with canned(api_response(status, data, "200 OK" if status == 1 else "400 No")) as (url, _got):
        assert provider(url).status(["77", "no id"]) == found


def test_stops_asking_at_the_time_limit(monkeypatch):
    monkeypatch.setattr("app.gateways.sms.sms_ir._STATUS_TIME_LIMIT", -1.0)

    with canned(api_response(1, {"deliveryState": 1})) as (url, got):
        assert provider(url).status(["77", "78"]) == []

    assert got == []


def test_counts_credit_in_messages():
    with canned(api_response(1, 8500.5)) as (url, _got):
        assert (provider(url).credit(), SmsIr.credit_in_rials) == (8500, False)


@pytest.mark.parametrize(
    "answer", [api_response(1, "many"), api_response(10, 5, "401 No"), api_response(1, 5, "500 No"), b"x"]
)
def test_raises_for_an_unusable_response(answer):
    with canned(answer) as (url, _got):
        for ask in (lambda: provider(url).credit(), lambda: provider(url).status(["7"])):
            with pytest.raises(LookUpFailed):
                ask()


def test_finds_nothing_by_our_ids():
    with pytest.raises(LookUpFailed):
        provider("http://127.0.0.1").look_up([1])


def test_reads_posted_reports_and_texts():
    there = provider("http://127.0.0.1")

    assert there.read_reports({"MessageId": "77", "DeliveryState": "1"}, b"") == [
        DeliveryReport("77", None, DeliveryState.DELIVERED)
    ]
    assert there.read_inbound(
        {}, b'{"mobile": 989121234567, "number": 3000, "messageText": "11"}'
    ) == Inbound("+989121234567", "3000", "11", None)
    assert there.read_reports({}, b"[]") == []
    assert there.read_inbound({}, b"") is None
