"""Sessions that can be ended, and the second step."""

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from app.gateways import crypto
from app.lib import clock
from app.services.account.login import Source
from app.services.account.session import open_session
from models.account import UserSession
from tests.account.steps import is_in, log_in

pytestmark = pytest.mark.usefixtures("limits")


class TestSessions:
    def test_a_cookie_is_worth_nothing_after_the_logout(self, visitor, person, app):
        log_in(visitor, person)
        with visitor.session_transaction() as cookie:
            kept = dict(cookie)

        visitor.post("/logout/")
        thief = app.test_client()
        with thief.session_transaction() as cookie:
            cookie.update(kept)

        assert not is_in(thief)

    def test_logging_out_needs_a_post(self, visitor, person):
        log_in(visitor, person)

        assert visitor.get("/logout/").status_code == 405
        assert is_in(visitor)

    @pytest.mark.parametrize(("hours", "stays"), [(7, True), (9, False)])
    def test_end_when_idle(self, login, person, session, hours, stays):
        client = login(person)
        session.scalars(select(UserSession)).one().last_seen_at -= timedelta(hours=hours)
        session.commit()

        assert is_in(client) is stays

    def test_end_after_a_day_however_busy(self, login, person, session):
        client = login(person)
        session.scalars(select(UserSession)).one().created_at -= timedelta(hours=25)
        session.commit()

        assert not is_in(client)

    def test_are_listed_and_ended_by_their_member(self, login, person, session):
        here, there = login(person), login(person)
        other = session.scalars(select(UserSession.id).order_by(UserSession.id)).first()

        here_pk = session.scalars(select(UserSession.id).order_by(UserSession.id.desc())).first()
        answer = there.post(f"/account/sessions/end/{other}")

        assert answer.status_code == 302
        assert not is_in(here)
        assert is_in(there)
        assert here_pk != other

    def test_of_others_do_not_exist(self, login, person, manager, session):
        login(manager)
        foreign = session.scalars(select(UserSession.id)).one()

        assert login(person).post(f"/account/sessions/end/{foreign}").status_code == 404

    def test_all_others_end_at_once(self, login, person):
        elsewhere, here = login(person), login(person)

        here.post("/account/sessions/end-others")

        assert not is_in(elsewhere)
        assert is_in(here)

    def test_end_when_the_member_is_switched_off(self, login, person, session):
        client = login(person)
        person.active = False
        session.commit()

        assert client.get("/follow-ups/").status_code == 302


class TestTheSecondStep:
    @pytest.fixture
    def secret(self, login, person, session):
        """Switched on through the page."""
        client = login(person)
        page = client.get("/account/two-step/").text
        sealed = re.search(r'name="sealed"[^>]*value="([^"]+)"', page)[1]
        secret = crypto.decrypt(sealed)
        shown = client.post(
            "/account/two-step/", data={"sealed": sealed, "code": pyotp.TOTP(secret).at(clock.now())}
        )
        self.spare = re.findall(r">([a-z0-9]{5}-[a-z0-9]{5})<", shown.text)
        # The code that switched it on is used; the next step has another.
        clock.start_at(clock.now() + timedelta(seconds=61))
        return secret

    def test_is_asked_for_after_the_password(self, visitor, person, secret):
        assert log_in(visitor, person).location == "/login/code"
        assert not is_in(visitor)

        visitor.post("/login/code", data={"code": pyotp.TOTP(secret).at(clock.now())})

        assert is_in(visitor)

    def test_takes_a_code_once(self, visitor, person, secret, app):
        code = pyotp.TOTP(secret).at(clock.now())
        log_in(visitor, person)
        visitor.post("/login/code", data={"code": code})
        second = app.test_client()
        log_in(second, person)

        assert second.post("/login/code", data={"code": code}).status_code == 422

    def test_takes_each_spare_code_once(self, visitor, person, secret, app):
        assert len(self.spare) == 10
        for client, expected in ((visitor, 302), (app.test_client(), 422)):
            log_in(client, person)
            assert client.post("/login/code", data={"code": self.spare[0]}).status_code == expected

    def test_locks_after_five_wrong_codes(self, visitor, person, secret):
        log_in(visitor, person)

        codes = [visitor.post("/login/code", data={"code": "000000"}).status_code for _try in range(6)]

        assert codes == [422] * 5 + [429]

    def test_is_kept_sealed(self, person, secret, session):
        session.refresh(person)

        assert secret not in person.totp_secret
        assert crypto.decrypt(person.totp_secret) == secret

    def test_is_a_duty_where_the_organisation_chose_so(self, login, manager, organization, session):
        organization.managers_need_totp = True
        session.commit()

        assert login(manager).get("/follow-ups/").location == "/account/two-step/"


def test_the_key_of_a_session_is_not_in_the_database(person, session):
    key = open_session(person, Source())

    assert key not in str(session.connection().exec_driver_sql("SELECT id_hash FROM user_sessions").all())
