"""Kavenegar's official client from PyPI against the sandbox over TLS."""

import json

import pytest
from kavenegar import APIException, HTTPException, KavenegarAPI

from tests.support.sandbox import certificate, running_sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sandbox")
    with running_sandbox(folder, certificate(folder)) as running:
        yield running


@pytest.fixture
def client(sandbox, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(sandbox.folder / "certificate.pem"))
    return client_for(sandbox, "good")


def client_for(sandbox, key):
    api = KavenegarAPI(key)
    api.host = sandbox.host
    return api


def test_the_client_sends_one_text_and_reads_its_status(client):
    sent = client.sms_send(
        {"receptor": "09121234567", "message": "سلام", "sender": "10004346", "localid": "41"}
    )
    by_id = client.sms_status({"messageid": sent[0]["messageid"]})
    by_local_id = client.sms_statuslocalmessageid({"localid": "41"})

    assert (sent[0]["receptor"], sent[0]["message"], sent[0]["status"]) == ("09121234567", "سلام", 1)
    assert by_id[0]["status"] in {1, 5, 10}
    assert by_local_id[0]["messageid"] == sent[0]["messageid"]


def test_the_client_sends_one_text_to_many(client):
    sent = client.sms_send({"receptor": "09121234567,09351234567", "message": "سلام"})

    assert [entry["receptor"] for entry in sent] == ["09121234567", "09351234567"]


def test_the_client_sends_one_text_per_receiver(client):
    sent = client.sms_sendarray(
        {
            "receptor": json.dumps(["09121234567", "09351234567"]),
            "sender": json.dumps(["10004346", "10004346"]),
            "message": json.dumps(["یک", "دو"]),
            "localmessageids": json.dumps([51, 52]),
        }
    )

    assert [(entry["message"], entry["localid"]) for entry in sent] == [("یک", 51), ("دو", 52)]


def test_the_client_sends_patterns_and_reads_the_account(client):
    sent = client.verify_lookup({"receptor": "09121234567", "template": "verify", "token": "48213"})
    account = client.account_info()

    assert "48213" in sent[0]["message"]
    assert account["remaincredit"] > 0


def test_the_client_reads_what_people_sent_once(client, sandbox):
    sandbox.server.state.write("inbound", {"from": "09121234567", "to": "10004346", "message": "۱۱"})

    first = client.sms_receive({"linenumber": "10004346", "isread": "0"})
    second = client.sms_receive({"linenumber": "10004346", "isread": "0"})

    assert [(row["sender"], row["message"]) for row in first] == [("09121234567", "۱۱")]
    assert second == []


@pytest.mark.parametrize(
    ("key", "fields", "code"),
    [
        ("unknown", {"receptor": "09121234567", "message": "سلام"}, 403),
        ("off", {"receptor": "09121234567", "message": "سلام"}, 401),
        ("poor", {"receptor": "09121234567", "message": "سلام"}, 418),
        ("nolink", {"receptor": "09121234567", "message": "www.example.com"}, 420),
        ("good", {"receptor": "02188776655", "message": "سلام"}, 411),
        ("good", {"receptor": "09121230411", "message": "سلام"}, 411),
        ("good", {"receptor": "09121234567", "message": "سلام", "sender": "x"}, 412),
        ("good", {"receptor": "09121234567", "message": " "}, 413),
        ("good", {"receptor": "09121234567", "message": "س" * 1801}, 413),
        ("good", {"receptor": ",".join(["09121234567"] * 201), "message": "سلام"}, 414),
        ("good", {"receptor": "09121234567", "message": "سلام", "localid": "1,2"}, 419),
    ],
)
def test_the_client_is_refused_with_kavenegars_codes(client, sandbox, key, fields, code):
    with pytest.raises(APIException, match=str(code)):
        client_for(sandbox, key).sms_send(fields)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"receptor": "09121234567", "template": "unknown", "token": "1"}, 424),
        ({"receptor": "09121234567", "template": "verify", "token": "1 2"}, 431),
        ({"receptor": "09121234567", "template": "verify"}, 406),
    ],
)
def test_patterns_are_refused_with_kavenegars_codes(client, fields, code):
    with pytest.raises(APIException, match=str(code)):
        client.verify_lookup(fields)


def test_a_client_without_the_certificate_sends_nothing(sandbox, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)

    with pytest.raises(HTTPException):
        client_for(sandbox, "good").account_info()
