"""Hostile texts at every form of accounts."""

import re

import pyotp
import pytest
from sqlalchemy import func, select
from werkzeug.security import generate_password_hash

from app.extensions import appbuilder
from app.gateways import crypto, password_hash
from app.lib.mobile import MobileError, canonical_mobile
from models.account import PasswordReset, UserSession
from models.mail import OutgoingMail
from models.member import Member
from tests.account.hostile_steps import FREE, PASSWORD, each_text, is_in, log_in


@pytest.fixture(autouse=True)
def limits(app, monkeypatch):
    monkeypatch.setitem(app.config, "LIMITS", 1)


@pytest.fixture(scope="module")
def hashed():
    return generate_password_hash(PASSWORD, password_hash.METHOD)


@pytest.fixture
def person(consultant, session, hashed):
    consultant.password = hashed
    consultant.email, consultant.mobile = "sara@example.ir", "+989121234567"
    session.commit()
    return consultant


@pytest.fixture
def visitor(app, session):
    return app.test_client()


class TestHostileTexts:
    """At every other form of accounts: never a crash, nothing half stored, and what was typed is kept."""

    @each_text
    def test_as_the_name_at_the_login(self, visitor, person, text):
        answer = visitor.post("/login/", data={"username": text, "password": PASSWORD})

        expected = {302} if _is_mobile_of(person, text) else {413, 422}
        assert answer.status_code in expected
        assert PASSWORD not in answer.text

    @each_text
    def test_as_the_address_of_who_forgot(self, visitor, session, person, text):
        answer = visitor.post("/forgot-password/", data={"email": text})

        assert answer.status_code in {200, 413, 422}
        assert session.scalar(select(func.count()).select_from(OutgoingMail)) == 0
        assert session.scalar(select(func.count()).select_from(PasswordReset)) == 0

    @each_text
    @pytest.mark.parametrize("name", ["first_name", "email", "mobile"])
    def test_in_the_profile(self, login, person, session, name, text):
        data = {"first_name": "سارا", "last_name": "محمدی", "email": "sara@example.ir", name: text}
        before = (person.first_name, person.email, person.mobile, person.extension)

        answer = login(person).post("/account/", data=data)

        session.refresh(person)
        assert answer.status_code in {302, 413, 422}
        if answer.status_code == 422:
            assert (person.first_name, person.email, person.mobile, person.extension) == before
            assert f'id="{name}-error"' in answer.text
            assert "محمدی" in answer.text

    @each_text
    @pytest.mark.parametrize("name", ["first_name", "username", "mobile"])
    def test_in_an_invitation(self, login, manager, session, name, text):
        role = str(appbuilder.sm.find_role("Consultant").id)
        data = {"first_name": "رضا", "last_name": "کریمی", "username": "reza", "email": "reza@example.ir"}
        before = session.scalar(select(func.count()).select_from(Member))

        answer = login(manager).post("/members/add", data={**data, "role": role, name: text})

        made = session.scalar(select(func.count()).select_from(Member)) - before
        assert (answer.status_code, made) in {(302, 1), (422, 0), (413, 0)}
        if answer.status_code == 422:
            assert f'id="{name}-error"' in answer.text
            assert "کریمی" in answer.text

    @pytest.mark.parametrize("name", ["role", "daily_capacity", "extension", "email"])
    def test_in_the_odd_fields_of_an_invitation(self, login, manager, name):
        data = {"first_name": "رضا", "last_name": "کریمی", "username": "reza", "email": "reza@example.ir"}
        client = login(manager)

        codes = {
            text: client.post("/members/add", data={**data, name: text}).status_code for text in FREE.values()
        }

        assert set(codes.values()) <= {302, 413, 422}

    @each_text
    def test_as_the_code_that_switches_the_second_step_on(self, login, person, session, text):
        client = login(person)
        sealed = re.search(r'name="sealed"[^>]*value="([^"]+)"', client.get("/account/two-step/").text)[1]

        codes = {
            client.post("/account/two-step/", data=data).status_code
            for data in ({"sealed": sealed, "code": text}, {"sealed": text, "code": "123456"})
        }

        session.refresh(person)
        assert codes <= {302, 400, 413, 422, 429}
        assert not person.totp_secret

    @each_text
    def test_as_the_code_of_the_second_step(self, visitor, person, session, text):
        person.totp_secret = crypto.encrypt(pyotp.random_base32())
        session.commit()
        log_in(visitor, person)

        answer = visitor.post("/login/code", data={"code": text})

        assert answer.status_code in {413, 422}
        assert not is_in(visitor)

    @each_text
    def test_as_a_mailed_link(self, visitor, person, session, text):
        address = "/reset-password/" + re.sub(r"[/?#\\]", "", text)[:500]

        assert visitor.get(address).status_code in {302, 308, 404, 410}
        assert session.scalar(select(func.count()).select_from(UserSession)) == 0


def _is_mobile_of(person, text):
    try:
        return canonical_mobile(text) == person.mobile
    except MobileError:
        return False
