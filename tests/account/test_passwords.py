"""Changing a password and resetting it by a mailed link."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from app.gateways import password_hash
from app.lib import clock
from app.services.account.reset import make_link_token
from app.services.mail.queue import queue_mail
from app.tasks.mail import send_mails
from models.account import UserSession
from models.mail import MailKind, MailStatus, OutgoingMail
from tests.account.steps import PASSWORD, is_in, log_in
from tests.factories import member

pytestmark = pytest.mark.usefixtures("limits")

NEW = "جملهٔ تازه‌ای که کسی نمی‌داند"


class TestThePassword:
    def change(self, client, present=PASSWORD, new=NEW, again=None):
        data = {"present": present, "password": new, "again": again or new}
        return client.post("/account/password/", data=data)

    def test_can_be_changed_and_ends_all_other_sessions(self, login, person, visitor):
        elsewhere, here = login(person), login(person)

        answer = self.change(here)

        assert answer.status_code == 302
        assert is_in(here)
        assert not is_in(elsewhere)
        assert log_in(visitor, person, NEW).status_code == 302

    @pytest.mark.parametrize("new", ["12345678", "password1", "ضصثقفغعه", "09121234567", "کوتاه"])
    def test_must_not_be_easy(self, login, person, new):
        answer = self.change(login(person), new=new)

        assert answer.status_code == 422
        assert 'id="password-error"' in answer.text

    def test_must_be_written_twice_alike(self, login, person):
        answer = self.change(login(person), again=NEW + "x")

        assert answer.status_code == 422
        assert 'id="again-error"' in answer.text

    def test_asks_for_the_present_one(self, login, person):
        answer = self.change(login(person), present="نادرست")

        assert 'id="present-error"' in answer.text

    def test_of_a_manager_needs_twelve_signs(self, login, manager, session):
        manager.password = generate_password_hash(PASSWORD)
        session.commit()

        assert self.change(login(manager), new="یازده‌نویسه").status_code == 422

    def test_that_somebody_else_set_must_be_changed_first(self, login, person, session):
        person.must_change_password = True
        session.commit()
        client = login(person)

        assert client.get("/follow-ups/").location == "/account/password/"
        self.change(client)
        assert client.get("/follow-ups/").status_code == 200

    def test_that_somebody_else_set_is_over_after_its_time(self, visitor, person, session):
        person.must_change_password, person.one_time_until = True, clock.now() - timedelta(minutes=1)
        session.commit()

        assert log_in(visitor, person).status_code == 422


class TestTheMailedLink:
    @pytest.fixture
    def outbox(self, monkeypatch):
        sent = []
        monkeypatch.setattr(
            "app.gateways.mailer.SandboxMailer.send", lambda _self, letter: sent.append(letter)
        )
        return sent

    def ask(self, client, email):
        return client.post("/forgot-password/", data={"email": email})

    def test_answers_the_same_for_known_and_unknown_addresses(self, visitor, person, session):
        known, unknown = self.ask(visitor, person.email), self.ask(visitor, "nobody@example.ir")

        assert known.text.partition("<main")[2] == unknown.text.partition("<main")[2]
        assert session.scalars(select(OutgoingMail.address)).all() == [person.email]

    def test_sets_a_password_once(self, visitor, person, outbox, session):
        self.ask(visitor, person.email.upper())
        send_mails()
        path = re.search(r"/reset-password/\S+", outbox[0].text)[0]
        data = {"password": NEW, "again": NEW}

        assert visitor.get(path).status_code == 200
        assert visitor.post(path, data={**data, "again": NEW + "x"}).status_code == 422
        assert visitor.post(path, data=data).status_code == 302
        assert visitor.post(path, data=data).status_code == 410
        assert log_in(visitor, person, NEW).status_code == 302

    def test_is_no_more_than_a_hash_in_the_database(self, person, session):
        token = make_link_token(person)

        rows = session.connection().exec_driver_sql("SELECT token_hash FROM password_resets").all()
        assert token not in str(rows)

    def test_ends_after_half_an_hour(self, visitor, person, session):
        path = f"/reset-password/{make_link_token(person)}"
        session.commit()
        clock.start_at(clock.now() + timedelta(minutes=31))

        answer = visitor.get(path)

        assert answer.status_code == 410
        assert "منقضی" in answer.text

    def test_of_an_invited_member_lasts_a_week(self, visitor, organization, session, outbox):
        invited = member("Consultant", organization, "invited", last_login=None)
        queue_mail(invited, MailKind.INVITATION)
        session.commit()
        send_mails()
        path = re.search(r"/reset-password/\S+", outbox[0].text)[0]
        assert "تا ۷ روز" in outbox[0].text
        began = clock.now()

        clock.start_at(began + timedelta(days=6, hours=23))
        assert visitor.get(path).status_code == 200

        clock.start_at(began + timedelta(days=7, minutes=1))
        assert visitor.get(path).status_code == 410

    def test_ends_with_a_login_and_with_a_newer_link(self, visitor, person, session):
        first = f"/reset-password/{make_link_token(person)}"
        second = f"/reset-password/{make_link_token(person)}"
        session.commit()
        assert [visitor.get(first).status_code, visitor.get(second).status_code] == [410, 200]

        log_in(visitor, person)

        assert visitor.get(second).status_code == 410

    def test_waits_while_the_mail_server_is_away(self, visitor, person, session, monkeypatch):
        def away(_self, _letter):
            raise ConnectionRefusedError

        monkeypatch.setattr("app.gateways.mailer.SandboxMailer.send", away)
        self.ask(visitor, person.email)

        send_mails()

        mail = session.scalars(select(OutgoingMail)).one()
        assert (mail.status, mail.attempts) == (MailStatus.QUEUED, 1)
        assert mail.due_at > clock.now()

    def test_is_sent_twice_an_hour_at_most(self, visitor, person, session):
        for _try in range(4):
            self.ask(visitor, person.email)

        assert len(session.scalars(select(OutgoingMail)).all()) == 2


def test_dangerous_acts_ask_for_the_password_once_more(app, login, person, session, monkeypatch):
    monkeypatch.setitem(app.config, "REAUTHENTICATE", True)
    client = login(person)
    session.scalars(select(UserSession)).one().confirmed_at -= timedelta(minutes=16)
    session.commit()

    asked = client.get("/account/two-step/")
    wrong = client.post(asked.location, data={"present": "نادرست"})
    right = client.post(asked.location, data={"present": PASSWORD})

    assert asked.location.startswith("/account/confirm/")
    assert wrong.status_code == 422
    assert right.location.endswith("/account/two-step/")
    assert client.get("/account/two-step/").status_code == 200


def test_a_hash_of_other_parameters_is_made_anew_at_the_login(visitor, person, session):
    person.password = generate_password_hash(PASSWORD, "scrypt:16384:8:1")
    session.commit()

    log_in(visitor, person)

    session.refresh(person)
    assert person.password.startswith(password_hash.METHOD)
