"""Accounts: logging in and out, sessions that can be ended, passwords, the second step, mailed links."""

import re
from datetime import timedelta
from io import BytesIO

import pyotp
import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from app.gateways import crypto
from app.lib import clock
from app.services.account.login import Source
from app.services.account.reset import make_link_token
from app.services.account.session import open_session
from app.tasks.mail import send_mails
from models.account import LoginEvent, LoginOutcome, UserSession
from models.mail import MailStatus, OutgoingMail
from models.member import Member
from tests.factories import member

PASSWORD = "یک جملهٔ خوب برای ورود"
NEW = "جملهٔ تازه‌ای که کسی نمی‌داند"


@pytest.fixture(autouse=True)
def limits(app, monkeypatch):
    monkeypatch.setitem(app.config, "LIMITS", True)


@pytest.fixture
def person(consultant, session) -> Member:
    """A consultant with a password, an address and a number."""
    consultant.password = generate_password_hash(PASSWORD, "scrypt:32768:8:1")
    consultant.email, consultant.mobile = "sara@example.ir", "+989121234567"
    session.commit()
    return consultant


@pytest.fixture
def visitor(app, session):
    return app.test_client()


def log_in(client, person, password=PASSWORD, name=None, **environ):
    return client.post(
        "/login/", data={"username": name or person.username, "password": password}, environ_overrides=environ
    )


def is_in(client) -> bool:
    return client.get("/account/").status_code == 200


def fail(client, person, times):
    return [log_in(client, person, "نادرست").status_code for _try in range(times)]


class TestLogin:
    @pytest.mark.parametrize("name", ["SARA@example.ir", "۰۹۱۲ ۱۲۳ ۴۵۶۷", None])
    def test_takes_user_name_mobile_or_mail(self, visitor, person, name):
        assert log_in(visitor, person, name=name).status_code == 302
        assert is_in(visitor)

    def test_says_the_same_for_a_wrong_name_and_a_wrong_password(self, visitor, person):
        wrong_password = log_in(visitor, person, "نادرست").text
        wrong_name = log_in(visitor, person, name="nobody").text

        strip = re.compile(r'value="[^"]*"|content="[^"]*"|کد[^<]*')
        assert strip.sub("", wrong_password) == strip.sub("", wrong_name)
        assert "نام کاربری یا رمز عبور نادرست است" in wrong_name

    @pytest.mark.parametrize("password", ["\x00", "", "x" * 100_000, "' OR 1=1 --"])
    def test_refuses_strange_passwords(self, visitor, person, password):
        assert log_in(visitor, person, password).status_code == 422

    @pytest.mark.parametrize(
        "target", ["https://evil.ir", "//evil.ir", "https:evil.ir", "http://localhost@evil.ir", "/\\evil.ir"]
    )
    def test_stays_on_its_own_site(self, visitor, person, target):
        answer = visitor.post(
            "/login/", query_string={"next": target}, data={"username": person.username, "password": PASSWORD}
        )

        assert answer.status_code == 302
        assert "evil" not in answer.location.split("?")[0].replace("/%5Cevil.ir", "")

    def test_refuses_who_is_not_active(self, visitor, person, session):
        person.active = False
        session.commit()

        assert log_in(visitor, person).status_code == 422

    def test_a_session_planted_before_does_not_survive(self, visitor, person):
        with visitor.session_transaction() as cookie:
            cookie["planted"] = "x"

        log_in(visitor, person)

        with visitor.session_transaction() as cookie:
            assert "planted" not in cookie

    def test_keeps_a_history(self, visitor, person, session):
        fail(visitor, person, 1)
        log_in(visitor, person)

        outcomes = session.scalars(select(LoginEvent.outcome).order_by(LoginEvent.id)).all()
        assert outcomes[-2:] == [LoginOutcome.WRONG, LoginOutcome.SUCCESS]


class TestTheThrottle:
    def test_locks_the_account_after_ten_failures_also_for_the_right_password(self, visitor, person):
        assert fail(visitor, person, 11) == [422] * 10 + [429]

        answer = log_in(visitor, person)

        assert answer.status_code == 429
        assert "۱۰ دقیقه" in answer.text

    def test_counts_an_account_from_all_addresses_together(self, visitor, person):
        codes = [log_in(visitor, person, "x", REMOTE_ADDR=f"10.0.0.{n}").status_code for n in range(11)]

        assert codes[-1] == 429

    def test_lets_in_again_when_the_lock_is_over_and_locks_twice_as_long_next(self, visitor, person):
        fail(visitor, person, 11)
        clock.start_at(clock.now() + timedelta(minutes=11))
        assert fail(visitor, person, 11)[-1] == 429

        clock.start_at(clock.now() + timedelta(minutes=11))

        assert log_in(visitor, person).status_code == 429

    def test_a_success_forgives(self, visitor, person):
        fail(visitor, person, 9)
        log_in(visitor, person)
        visitor.post("/logout/")

        assert fail(visitor, person, 9) == [422] * 9

    def test_unknown_names_are_locked_in_the_same_way(self, visitor, person):
        codes = [log_in(visitor, person, name="nobody").status_code for _try in range(11)]

        assert codes == [422] * 10 + [429]


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


class TestTheProfile:
    def save(self, client, **changes):
        data = {"first_name": "سارا", "last_name": "محمدی", "email": "sara@example.ir", **changes}
        return client.post("/account/", data=data, content_type="multipart/form-data")

    def test_is_kept(self, login, person, session):
        self.save(login(person), mobile="۰۹۳۵۱۲۳۴۵۶۷", extension="12")

        session.refresh(person)
        assert (person.mobile, person.extension) == ("+989351234567", "12")

    def test_takes_nobody_elses_address_and_does_not_say_whose(self, login, person, manager):
        answer = self.save(login(person), email=manager.email)

        assert answer.status_code == 422
        assert manager.full_name not in answer.text

    def test_never_takes_roles_organisation_or_epoch(self, login, person, session):
        before = ([role.id for role in person.roles], person.organization_id)

        self.save(login(person), roles="1", organization_id="999", active="", username="admin")

        session.refresh(person)
        assert ([role.id for role in person.roles], person.organization_id) == before
        assert person.active

    def test_draws_a_photo_anew(self, login, person, session):
        picture = BytesIO()
        Image.new("RGB", (900, 600), "teal").save(picture, "PNG")
        picture.seek(0)
        client = login(person)

        self.save(client, photo=(picture, "من.png"))

        with client.get("/account/photo") as answer:
            assert answer.mimetype == "image/webp"

    def test_refuses_what_is_no_picture(self, login, person):
        answer = self.save(login(person), photo=(BytesIO(b"<svg onload=alert(1)>"), "x.png"))

        assert answer.status_code == 422
        assert 'id="photo-error"' in answer.text

    def test_presence_is_switched_with_one_click(self, login, person, session):
        login(person).post("/account/presence")

        session.refresh(person)
        assert person.accepts_orders is False


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
    assert person.password.startswith(crypto.METHOD)


def test_the_key_of_a_session_is_not_in_the_database(person, session):
    key = open_session(person, Source())

    assert key not in str(session.connection().exec_driver_sql("SELECT id_hash FROM user_sessions").all())


def test_a_stranger_reaches_no_page_of_accounts(visitor):
    for path in ("/account/", "/account/password/", "/account/sessions/", "/account/two-step/"):
        assert visitor.get(path).location.startswith("/login/")


def test_an_admin_in_production_must_have_a_second_step(app, login, session, monkeypatch):
    monkeypatch.setitem(app.config, "APP_ENV", "production")

    assert login(member("Admin", None, "root")).get("/").location == "/account/two-step/"
