"""Arbitrary provider responses: they raise no error and never change a message's real outcome."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.gateways.http_client import Reply
from app.gateways.sms.base import LookUpFailed, Outgoing, ProviderAccount
from app.gateways.sms.kavenegar import Kavenegar
from app.gateways.sms.results import DeliveryState, Outcome, Trouble
from app.gateways.sms.sms_ir import SmsIr

BATCH = [Outgoing(n, f"+98912000000{n}", f"text {n}") for n in range(1, 6)]
# Numbers one to three were accepted, four is on the blacklist, five is no number.
TRUE = [
    {"messageid": 9001, "status": 1},
    {"messageid": 9002, "status": 5},
    {"messageid": 9003, "status": 10},
    {"messageid": 9004, "status": 14},
    {"messageid": 0, "status": 411},
]
ENTRIES = [
    {**status, "localid": each.local_id, "receptor": "0" + each.mobile[3:], "message": each.text, "cost": 10}
    for each, status in zip(BATCH, TRUE, strict=True)
]
JUNK = st.sampled_from([None, "", "x", -1, True, 1.5, 10**30, [], {}, "٣", "0x1F"])
STATUSES = st.sampled_from(
    [100, 200, 201, 204, 301, 302, 304, 400, 403, 404, 409, 413, 418, 500, 502, 503, 504]
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["return", "status", "entries", "messageid", "localid", "data", "messageIds", "receptor"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@st.composite
def spoilt_entries(draw):
    """The true entries, shuffled; some are missing, repeated, junk, or have an invalid or missing field."""
    entries = []
    for entry in draw(st.permutations(ENTRIES)):
        fate = draw(st.sampled_from(["same", "gone", "twice", "junk", "field", "missing"]))
        name = draw(st.sampled_from(sorted(entry)))
        if fate in {"same", "twice"}:
            entries += [entry] * (2 if fate == "twice" else 1)
        elif fate == "junk":
            entries.append(draw(JUNK))
        elif fate == "field":
            entries.append({**entry, name: draw(JUNK)})
        elif fate == "missing":
            entries.append({key: value for key, value in entry.items() if key != name})
    return entries


def kavenegar(reply):
    provider = Kavenegar(ProviderAccount("key", "http://127.0.0.1/v1", "1000"), public_only=False)
    provider._call = lambda *_given: reply
    return provider


def smsir(reply):
    provider = SmsIr(ProviderAccount("key", "http://127.0.0.1/v1", "1000"), public_only=False)
    provider._call = lambda *_given: reply
    return provider


def envelope(entries, status=200, http=200):
    return Reply(http, {}, json.dumps({"return": {"status": status}, "entries": entries}).encode())


@given(spoilt_entries())
def test_kavenegar_accepts_only_what_was_accepted(entries):
    answers = kavenegar(envelope(entries)).send(BATCH)

    assert [answer.local_id for answer in answers] == [each.local_id for each in BATCH]
    for answer, true in zip(answers, TRUE, strict=True):
        if answer.outcome is Outcome.ACCEPTED:
            assert answer.provider_message_id == str(true["messageid"])
            assert true["status"] in {1, 5, 10}
        elif answer.outcome is not Outcome.UNKNOWN:
            assert (answer.outcome, true["status"] in {14, 411}) == (Outcome.REFUSED_FOR_GOOD, True)


@given(st.permutations(ENTRIES))
def test_kavenegar_reads_whole_answers_in_any_order(entries):
    answers = kavenegar(envelope(entries)).send(BATCH)

    assert [answer.provider_message_id for answer in answers] == ["9001", "9002", "9003", "9004", None]
    assert [answer.outcome for answer in answers] == [Outcome.ACCEPTED] * 3 + [Outcome.REFUSED_FOR_GOOD] * 2


@given(st.integers(0, 3), st.integers(1, 4))
def test_kavenegar_ignores_an_entry_whose_id_and_number_differ(first, distance):
    other = (first + distance) % len(ENTRIES)
    entries = [dict(entry) for entry in ENTRIES]
    entries[first]["localid"], entries[other]["localid"] = (
        entries[other]["localid"],
        entries[first]["localid"],
    )

    answers = kavenegar(envelope(entries)).send(BATCH)

    assert {answers[first].outcome, answers[other].outcome} == {Outcome.UNKNOWN}


@given(STATUSES, st.binary(max_size=200))
def test_invalid_bytes_are_unknown(status, body):
    for provider in (kavenegar, smsir):
        answers = provider(Reply(status, {}, body)).send(BATCH[:1])

        assert {answer.outcome for answer in answers} == {Outcome.UNKNOWN}


@given(STATUSES, ANY_JSON)
@settings(max_examples=300)
def test_arbitrary_json_is_never_accepted_and_never_raises(status, value):
    reply = Reply(status, {"Retry-After": "soon"}, json.dumps(value).encode())

    for provider in (kavenegar(reply), smsir(reply)):
        answers = provider.send(BATCH[:1])
        assert [answer.local_id for answer in answers] == [1]
        assert answers[0].outcome is not Outcome.ACCEPTED
        provider.read_reports({}, reply.body)
        provider.read_inbound({}, reply.body)


@given(STATUSES, ANY_JSON)
def test_arbitrary_json_proves_nothing_in_a_look_up(status, value):
    reply = Reply(status, {}, json.dumps(value).encode())

    for ask in (
        lambda provider: provider.look_up([1, 2]),
        lambda provider: provider.status(["1"]),
        lambda provider: [provider.credit()],
    ):
        for provider in (kavenegar(reply), smsir(reply)):
            try:
                found = ask(provider)
            except LookUpFailed:
                continue
            assert isinstance(found, list)
            # Only a valid envelope gives a result, and an envelope is a JSON object.
            assert isinstance(value, dict)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"return":' * 50_000, b'{"a": ' + b"9" * 5000 + b"}"])
def test_bodies_that_attack_a_parser_are_unknown(body):
    [answer] = kavenegar(Reply(200, {}, body)).send(BATCH[:1])

    assert (answer.outcome, answer.trouble) == (Outcome.UNKNOWN, Trouble.TRANSPORT)


@pytest.mark.parametrize(
    ("http", "status", "outcome", "trouble"),
    [
        (200, 200, Outcome.UNKNOWN, Trouble.NONE),
        (400, 200, Outcome.UNKNOWN, Trouble.SETUP),
        (502, 418, Outcome.UNKNOWN, Trouble.TRANSPORT),
        (302, 411, Outcome.UNKNOWN, Trouble.SETUP),
        (200, 402, Outcome.UNKNOWN, Trouble.NONE),
        (200, 500, Outcome.UNKNOWN, Trouble.NONE),
        (200, 501, Outcome.UNKNOWN, Trouble.SETUP),
        (200, 777, Outcome.UNKNOWN, Trouble.NONE),
        (418, 418, Outcome.REFUSED_FOR_NOW, Trouble.CREDIT),
        (200, 418, Outcome.REFUSED_FOR_NOW, Trouble.CREDIT),
        (409, 409, Outcome.REFUSED_FOR_NOW, Trouble.BUSY),
        (200, 429, Outcome.REFUSED_FOR_NOW, Trouble.BUSY),
        (200, 451, Outcome.REFUSED_FOR_NOW, Trouble.BUSY),
        (403, 403, Outcome.REFUSED_FOR_NOW, Trouble.SETUP),
        (200, 407, Outcome.REFUSED_FOR_NOW, Trouble.SETUP),
        (200, 430, Outcome.REFUSED_FOR_NOW, Trouble.SETUP),
        (412, 412, Outcome.REFUSED_FOR_NOW, Trouble.SENDER),
        (411, 411, Outcome.REFUSED_FOR_GOOD, Trouble.NONE),
        (200, 413, Outcome.REFUSED_FOR_GOOD, Trouble.NONE),
        (200, 422, Outcome.REFUSED_FOR_GOOD, Trouble.NONE),
    ],
)
def test_kavenegars_codes_fall_into_their_classes(http, status, outcome, trouble):
    [answer] = kavenegar(envelope(None, status, http)).send(BATCH[:1])

    assert (answer.outcome, answer.trouble, answer.http_status) == (outcome, trouble, http)


@pytest.mark.parametrize(
    ("status", "trouble", "outcome"),
    [
        (429, Trouble.BUSY, Outcome.REFUSED_FOR_NOW),
        (404, Trouble.SETUP, Outcome.UNKNOWN),
        (503, Trouble.TRANSPORT, Outcome.UNKNOWN),
    ],
)
def test_a_proxys_error_page_is_not_taken_for_the_provider(status, trouble, outcome):
    reply = Reply(status, {"retry-after": "7"}, b"<html>")

    [answer] = kavenegar(reply).send(BATCH[:1])

    assert (answer.outcome, answer.trouble, answer.retry_after) == (outcome, trouble, 7.0)


class TestIncompleteLookUp:
    def test_repeats_the_query_for_ids_missing_from_a_response(self):
        provider, asked = kavenegar(None), []

        def two_at_a_time(_method, form):
            ids = form["localid"].split(",")
            asked.append(ids)
            return envelope(
                [{"localid": each, "messageid": 7, "status": 4} for each in ids[:2] if each != "5"]
            )

        provider._call = two_at_a_time

        found = {each.local_id: each.state for each in provider.look_up([1, 2, 3, 4, 5])}

        assert found == dict.fromkeys([1, 2, 3, 4], DeliveryState.SENT) | {5: None}
        assert asked[-1] == ["5"]

    def test_limits_the_number_of_queries(self):
        provider, asked = kavenegar(None), []

        def one_at_a_time(_method, form):
            asked.append(form)
            return envelope([{"localid": form["localid"].split(",")[0], "messageid": 7, "status": 4}])

        provider._call = one_at_a_time

        found = provider.look_up(range(1, 101))

        assert len(asked) == len(found) < 10

    def test_does_not_treat_an_unknown_status_as_absence(self):
        reply = envelope([{"localid": 1, "messageid": 7, "status": 99}, {"localid": 2, "status": 100}])

        assert [each.local_id for each in kavenegar(reply).look_up([1, 2])] == [2]

    def test_prefers_an_entry_with_a_status(self):
        rows = [{"localid": 1, "status": 100}, {"localid": 1, "messageid": 7, "status": 10}]

        for entries in (rows, rows[::-1]):
            [found] = kavenegar(envelope(entries)).look_up([1])
            assert found.state is DeliveryState.DELIVERED

    def test_fails_for_an_entry_without_an_id(self):
        with pytest.raises(LookUpFailed):
            kavenegar(envelope([{"messageid": 7, "status": 10}])).look_up([1])


def test_a_service_that_the_account_lacks_stops_it_on_an_ordinary_send_and_refuses_a_pattern():
    provider = kavenegar(envelope(None, status=426, http=426))

    for batch in (BATCH[:1], BATCH):
        answers = provider.send(batch)
        assert {(each.outcome, each.trouble, each.alone) for each in answers} == {
            (Outcome.REFUSED_FOR_NOW, Trouble.SETUP, False)
        }
    answer = provider.send_pattern(BATCH[0], "verify", ["1"])
    assert (answer.outcome, answer.trouble) == (Outcome.REFUSED_FOR_GOOD, Trouble.NONE)
    other = kavenegar(envelope(None, status=424, http=424)).send(BATCH[:1])
    assert (other[0].outcome, other[0].trouble) == (Outcome.REFUSED_FOR_GOOD, Trouble.NONE)
