"""Group E of the hostile inputs, of addresses, mails and calls to the outside; reports of providers are in test_sms_hostile.py."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from app.gateways import http_client
from app.gateways.http_client import NotSent, Request, call
from app.gateways.mailer import SmtpMailer
from app.tasks import mail
from models.customer import Customer
from models.mail import OutgoingMail
from tests.organization.test_member import details

CASES = json.loads((Path(__file__).parents[1] / "data/hostile_inputs.json").read_text("utf-8"))
GROUP = {case["id"]: case for case in CASES if case["id"][0] == "E"}
ADDRESSES = {
    "E01": "a@b.ir\r\nBcc: x@y.ir",
    "E02": "a@b.ir, c@d.ir",
    "E04": f"{'a' * 395}@b.ir",
}
each_address = pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES.keys())


def test_every_input_of_the_group_is_tried():
    here = {*ADDRESSES, "E05", "E06", "E11"}
    # No provider of ours signs its reports with a time: their address is the secret.
    elsewhere = {"E13", "E15", "E16", "E17"}
    assert here | elsewhere == set(GROUP)


@each_address
class TestAddresses:
    def test_of_members_are_refused_at_their_field(self, login, manager, session, address):
        answer = login(manager).post("/members/add", data=details(email=address))

        assert answer.status_code == 422
        assert 'id="email-error"' in answer.text
        assert session.scalars(select(OutgoingMail)).all() == []

    def test_of_oneself_are_refused_at_their_field(self, login, consultant, session, address):
        before = consultant.email
        data = {"first_name": "سارا", "last_name": "محمدی", "email": address}

        answer = login(consultant).post("/account/", data=data, content_type="multipart/form-data")

        session.refresh(consultant)
        assert (answer.status_code, consultant.email) == (422, before)
        assert 'id="email-error"' in answer.text

    def test_of_customers_are_refused_at_their_field(self, login, manager, session, address):
        data = {"mobile": "09121234567", "first_name": "مریم", "email": address}

        answer = login(manager).post("/customers/add", data=data)

        assert answer.status_code == 422
        assert 'id="email-error"' in answer.text
        assert session.scalars(select(Customer)).all() == []


class TestMails:
    @pytest.fixture
    def letters(self, monkeypatch):
        """What goes to the mail server, as it stands on the wire."""
        sent = []

        class Recording(SmtpMailer):
            def send(self, letter):
                sent.append(self._encode(letter))

        monkeypatch.setattr(mail, "mailer", lambda: Recording("smtp://localhost", "ava@example.ir"))
        return sent

    def test_e05_names_are_text_and_never_markup(self, login, manager, session, letters):
        login(manager).post("/members/add", data=details(first_name="<img onerror=alert(1)>"))

        mail.send_mails()

        [letter] = letters
        assert letter.get_content_type() == "text/plain"
        assert not letter.is_multipart()

    def test_e06_a_name_of_two_lines_leaves_the_subject_one_line(
        self, login, manager, organization, session, letters
    ):
        organization.name = "آوا\r\nBcc: x@y.ir"
        session.commit()
        login(manager).post("/members/add", data=details())

        mail.send_mails()

        [letter] = letters
        assert letter["Bcc"] is None
        assert "\n" not in letter["Subject"]
        assert letter["To"] == "reza@example.ir"


def test_e11_the_address_that_is_looked_at_is_the_one_that_is_called(monkeypatch):
    """A name that says a public network first and a private one later gets no second question."""
    answers = iter(["8.8.8.8", "10.0.0.1", "10.0.0.1"])
    called = []

    def resolve(name, *_asked, **_given):
        address = next(answers) if name == "provider.example" else name
        return [(2, 1, 6, "", (address, 443))]

    class Unreachable:
        def __init__(self, *_given, **_more):
            """A socket that only notes where it should go."""

        def connect(self, address):
            called.append(address[0])
            raise OSError

        def settimeout(self, _seconds):
            """Nothing waits here."""

        def close(self):
            """Nothing was open."""

    monkeypatch.setattr(http_client.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(http_client.socket, "socket", Unreachable)

    with pytest.raises(NotSent):
        call(Request("https://provider.example/"), public_only=True)

    assert called == ["8.8.8.8"]


def test_e11_a_name_that_moves_to_a_private_network_is_refused_when_called(monkeypatch):
    monkeypatch.setattr(
        http_client.socket, "getaddrinfo", lambda *_a, **_k: [(2, 1, 6, "", ("10.0.0.1", 443))]
    )

    with pytest.raises(NotSent, match="public"):
        call(Request("https://provider.example/"), public_only=True)
