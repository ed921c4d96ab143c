"""Logging in and out, the limits of attempts, the profile."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from app.lib import clock
from app.services.account.token import make_token
from models.account import LoginEvent, LoginOutcome, TokenScope
from tests.account.steps import PASSWORD, is_in, log_in
from tests.factories import member
from tests.support.pages import untouched

pytestmark = pytest.mark.usefixtures("limits")


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

    def test_takes_no_address_with_which_another_logs_in(self, login, session, stranger_organization, person):
        member("Manager", stranger_organization, "boss@example.com")

        answer = self.save(login(person), email="Boss@example.com")

        assert answer.status_code == 422
        assert 'id="email-error"' in answer.text

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

    @pytest.mark.parametrize(("width", "is_taken"), [(30, True), (31, False)])
    def test_refuses_a_photo_of_too_many_points(self, login, person, monkeypatch, width, is_taken):
        monkeypatch.setattr("app.services.account.profile._MOST_POINTS", 30 * 20)
        picture = BytesIO()
        Image.new("RGB", (width, 20), "teal").save(picture, "PNG")
        picture.seek(0)

        answer = self.save(login(person), photo=(picture, "a.png"))

        assert (answer.status_code, 'id="photo-error"' in answer.text) == (
            (302, False) if is_taken else (422, True)
        )

    def test_refuses_what_is_no_picture(self, login, person):
        answer = self.save(login(person), photo=(BytesIO(b"<svg onload=alert(1)>"), "x.png"))

        assert answer.status_code == 422
        assert 'id="photo-error"' in answer.text

    def test_presence_is_what_the_button_says_however_often_it_is_clicked(self, login, person, session):
        browser = login(person)
        found = re.search(
            r'action="/account/presence">(.*?)</form>', browser.get("/account/").text, re.DOTALL
        )
        away = untouched(found[0], form="action=")

        for _click in range(2):
            browser.post("/account/presence", data=away)
            session.refresh(person)
            assert person.accepts_orders is False
        browser.post("/account/presence", data={"present": "1"})

        session.refresh(person)
        assert person.accepts_orders is True


def test_a_stranger_reaches_no_page_of_accounts(visitor):
    for path in ("/account/", "/account/password/", "/account/sessions/", "/account/two-step/"):
        assert visitor.get(path).location.startswith("/login/")


def test_an_admin_in_production_must_have_a_second_step(app, login, session, monkeypatch):
    monkeypatch.setitem(app.config, "APP_ENV", "production")

    assert login(member("Admin", None, "root")).get("/").location == "/account/two-step/"


class TestTokens:
    def test_the_page_lists_those_of_the_member_alone(self, login, manager, consultant, colleague, session):
        assert manager.id < consultant.id < colleague.id
        for owner, name in ((manager, "نخست"), (consultant, "میانی"), (colleague, "آخر")):
            make_token(owner, name=f"برنامهٔ {name}", scope=TokenScope.READ, days=1)
        session.commit()

        page = login(consultant).get("/account/tokens/").text

        assert re.findall(r"برنامهٔ (\w+)", page) == ["میانی"]
