"""SMS.ir's adapter over real connections, against servers that answer as its documentation says."""

import json

import pytest

from app.gateways.sms.base import (
    DeliveryReport,
    DeliveryState,
    Inbound,
    LookUpFailed,
    LookUpResult,
    Outcome,
    Outgoing,
    ProviderAccount,
    Trouble,
)
from app.gateways.sms.sms_ir import SmsIr
from tests.support.canned import canned, response

ONE = Outgoing(1, "+989121234567", "سلام")


def provider(url):
    return SmsIr(ProviderAccount("the-key", f"{url}/v1", "30007732"), public_only=False)


def told(status, data=None, http="200 OK"):
    return response(json.dumps({"status": status, "message": "…", "data": data}).encode(), http)


def sent_with(ids, status=1, http="200 OK"):
    return told(status, {"packId": "p", "messageIds": ids, "cost": 1.0}, http)


def test_sends_one_with_the_key_in_its_header():
    with canned(sent_with([89545112])) as (url, got):
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
def test_reads_ids_that_are_none(ids, outcome):
    with canned(sent_with(ids)) as (url, _got):
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
    with canned(sent_with([7], status, http)) as (url, _got):
        [answer] = provider(url).send([ONE])

    assert (answer.outcome, answer.trouble) == (outcome, trouble)


def test_sends_none_of_several_at_once():
    with canned(sent_with([1, 2])) as (url, got):
        answers = provider(url).send([ONE, Outgoing(2, "+989351234567", "سلام")])

    assert {(answer.outcome, answer.alone) for answer in answers} == {(Outcome.REFUSED_FOR_NOW, True)}
    assert got == []


def test_names_the_places_of_a_pattern():
    with canned(told(1, {"messageId": 77, "cost": 1.0})) as (url, got):
        answer = provider(url).send_pattern(ONE, "123456:Code, Name", ["48213", "رضایی"])

    body = json.loads(got[0].partition(b"\r\n\r\n")[2])
    assert (answer.outcome, answer.provider_message_id) == (Outcome.ACCEPTED, "77")
    assert body["parameters"] == [{"name": "Code", "value": "48213"}, {"name": "Name", "value": "رضایی"}]


@pytest.mark.parametrize("pattern", ["", "verify:Code", "123456", "123456:Code,Name"])
def test_refuses_patterns_that_do_not_fit_their_tokens(pattern):
    with canned(told(1)) as (url, got):
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
def test_hears_what_became_of_a_message(data, status, found):
    with canned(told(status, data, "200 OK" if status == 1 else "400 No")) as (url, _got):
        assert provider(url).status(["77", "no id"]) == found


def test_asks_about_messages_only_as_long_as_there_is_time(monkeypatch):
    monkeypatch.setattr("app.gateways.sms.sms_ir._STATUS_TIME_LIMIT", -1.0)

    with canned(told(1, {"deliveryState": 1})) as (url, got):
        assert provider(url).status(["77", "78"]) == []

    assert got == []


def test_counts_credit_in_messages():
    with canned(told(1, 8500.5)) as (url, _got):
        assert (provider(url).credit(), SmsIr.credit_in_rials) == (8500, False)


@pytest.mark.parametrize("answer", [told(1, "many"), told(10, 5, "401 No"), told(1, 5, "500 No"), b"x"])
def test_fails_to_look_rather_than_guess(answer):
    with canned(answer) as (url, _got):
        for ask in (lambda: provider(url).credit(), lambda: provider(url).status(["7"])):
            with pytest.raises(LookUpFailed):
                ask()


def test_finds_nothing_by_our_ids():
    with pytest.raises(LookUpFailed):
        provider("http://127.0.0.1").look_up([1])


def test_reads_what_is_posted():
    there = provider("http://127.0.0.1")

    assert there.read_reports({"MessageId": "77", "DeliveryState": "1"}, b"") == [
        DeliveryReport("77", None, DeliveryState.DELIVERED)
    ]
    assert there.read_inbound(
        {}, b'{"mobile": 989121234567, "number": 3000, "messageText": "11"}'
    ) == Inbound("+989121234567", "3000", "11", None)
    assert there.read_reports({}, b"[]") == []
    assert there.read_inbound({}, b"") is None
