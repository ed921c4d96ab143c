"""Group A of the hostile inputs, by case ids."""

import re
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import pytest
from sqlalchemy import func, select
from werkzeug.security import generate_password_hash

from app.extensions import appbuilder
from app.gateways import password_hash
from app.lib import clock
from app.services.account.reset import make_link_token
from models.customer import Customer
from models.mail import OutgoingMail
from tests.account.hostile_steps import CASES, PASSWORD, each_text, is_in, log_in
from tests.factories import ProductFactory, member

GROUP = {case["id"]: case for case in CASES if case["id"][0] == "A"}
NEW = "جملهٔ تازه‌ای که کسی نمی‌داند"
WRONG = "نام کاربری یا رمز عبور نادرست است."
EXPIRED = "این پیوند منقضی شده یا پیش‌تر استفاده شده است."
SENT = "اگر این نشانی در سامانه باشد، پیوند تغییر رمز برای آن فرستاده شد."
LOCKED = "به دلیل تلاش‌های ناموفق، ورود تا ۱۰ دقیقه دیگر ممکن نیست."


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


class TestLogin:
    def test_a03_of_an_inactive_member_is_refused_with_the_same_words(self, visitor, person, session):
        person.active = False
        session.commit()

        answer = log_in(visitor, person)

        assert (answer.status_code, WRONG in answer.text) == (422, True)

    def test_a04_with_a_nul_is_refused(self, visitor, person):
        assert log_in(visitor, person, "\x00").status_code == 422

    def test_a05_with_a_megabyte_is_refused_within_a_second(self, visitor, person):
        password_hash.password_matches(None, "")
        began = perf_counter()

        answer = log_in(visitor, person, "x" * 1_000_000)

        assert answer.status_code in {413, 422}
        assert perf_counter() - began < 1

    def test_a07_with_a_statement_as_a_name_is_refused(self, visitor, person):
        answer = log_in(visitor, person, name="admin'--")

        assert (answer.status_code, WRONG in answer.text) == (422, True)

    def test_a08_takes_the_mail_address_as_documented(self, visitor, person):
        assert log_in(visitor, person, name=person.email).status_code == 302

    def test_a10_an_eleventh_wrong_password_locks_from_all_addresses(self, visitor, person):
        codes = [log_in(visitor, person, "x", REMOTE_ADDR=f"10.0.0.{n}").status_code for n in range(11)]

        right = log_in(visitor, person, REMOTE_ADDR="10.0.0.99")

        assert codes[-1] == right.status_code == 429
        assert LOCKED in right.text

    def test_a11_forty_at_once_are_forty(self):
        """With threads of their own, in tests/account/test_findings_accounts.py."""
        assert "test_f18_failures_that_cross_are_all_counted_and_lock" in _source("test_findings_accounts.py")

    def test_a12_has_no_second_door_for_programs(self, visitor, person):
        sent = {"username": person.username, "password": PASSWORD, "provider": "db"}

        assert visitor.post("/api/v1/security/login", json=sent).status_code == 404

    @pytest.mark.parametrize("case", ["A13", "A17", "A20"])
    def test_a13_a17_a20_lands_on_its_own_site(self, visitor, person, case):
        target = GROUP[case]["value"].removeprefix("next=")
        data = {"username": person.username, "password": PASSWORD}

        answer = visitor.post("/login/", query_string={"next": target}, data=data)

        assert answer.status_code == 302
        assert re.match(r"/(?![/\\])", answer.location)

    def test_a22_without_a_token_nothing_happens_and_the_name_is_kept(
        self, app, visitor, person, monkeypatch
    ):
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
        data = {"username": person.username, "password": PASSWORD}

        answer = visitor.post("/login/", data=data, headers={"Origin": "http://localhost"})

        assert answer.status_code == 400
        assert "این صفحه زیاد باز مانده است" in answer.text
        assert person.username in answer.text
        assert PASSWORD not in answer.text
        assert not is_in(visitor)


class TestTheSession:
    def test_a26_a_program_with_a_cookie_writes_nothing(self, app, session, login, manager, monkeypatch):
        client = login(manager)
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)

        codes = {
            client.post(path, json={"mobile": "09121234567"}).status_code
            for path in ("/customers/add", "/api/v1/customers/", "/api/v1/customer/")
        }

        assert codes <= {400, 401, 403, 404}
        assert session.scalar(select(func.count()).select_from(Customer)) == 0

    def test_a27_looking_deletes_nothing(self, login, manager, session):
        row = ProductFactory()

        assert login(manager).get(f"/products/delete/{row.id}").status_code == 405

    def test_a28_a_picture_logs_nobody_out(self, login, person):
        client = login(person)

        assert client.get("/logout/").status_code == 405
        assert is_in(client)

    def test_a29_a_cookie_is_worth_nothing_after_the_logout(self, app, login, person):
        client, thief = login(person), app.test_client()
        kept = client.get_cookie("ava").value
        client.post("/logout/")
        thief.set_cookie("ava", kept)

        answer = thief.get("/account/")

        assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/login/")

    def test_a32_keys_for_programs_open_nothing(self, visitor, person):
        answer = visitor.get("/customers/", headers={"Authorization": "Bearer sst_anything"})

        assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/login/")

    def test_a36_a_manager_sets_no_admins_password(self, login, manager, session):
        admin = member("Admin", None, "root")
        before = admin.password

        answer = login(manager).post(f"/members/password/{admin.id}")

        session.refresh(admin)
        assert answer.status_code in {403, 404}
        assert admin.password == before

    @pytest.mark.parametrize("query", ["", "?pk=99999"])
    @pytest.mark.parametrize("path", ["/resetpassword/form", "/resetmypassword/form", "/members/password/"])
    def test_a37_fabs_forms_for_passwords_are_not_there(self, login, manager, path, query):
        assert login(manager).get(path + query).status_code == 404

    def test_a51_a_role_that_is_taken_counts_with_the_next_request(self, login, manager, session):
        client = login(manager)
        assert client.get("/members/").status_code == 200
        manager.roles = [appbuilder.sm.find_role("Consultant")]
        session.commit()

        assert client.get("/members/").status_code == 403


class TestTheMailedLink:
    def test_a38_an_unknown_address_gets_the_same_page_and_no_mail(self, visitor, person, session):
        known, unknown = (
            visitor.post("/forgot-password/", data={"email": email})
            for email in (person.email, "nobody@example.ir")
        )

        assert SENT in unknown.text
        assert known.text.partition("<main")[2] == unknown.text.partition("<main")[2]
        assert session.scalars(select(OutgoingMail.address)).all() == [person.email]

    @pytest.mark.parametrize(
        "spoil",
        [
            pytest.param("used", id="A41"),
            pytest.param("late", id="A42"),
            pytest.param("login", id="A44"),
            pytest.param("email", id="A44 e-mail"),
        ],
    )
    def test_a41_a42_a44_is_over_when_it_was_used_or_something_changed(
        self, visitor, login, person, session, spoil
    ):
        path = f"/reset-password/{make_link_token(person)}"
        session.commit()
        data = {"password": NEW, "again": NEW}
        if spoil == "used":
            visitor.post(path, data=data)
        elif spoil == "late":
            clock.start_at(clock.now() + timedelta(minutes=31))
        elif spoil == "login":
            log_in(visitor, person)
            visitor.post("/logout/")
        else:
            profile = {"first_name": "سارا", "last_name": "محمدی", "email": "new@example.ir"}
            assert login(person).post("/account/", data=profile).status_code == 302
        before = person.password

        answer = visitor.post(path, data=data)

        session.refresh(person)
        assert (answer.status_code, EXPIRED in answer.text) == (410, True)
        assert person.password == before

    def test_a46_that_a_scanner_opened_is_still_the_humans(self, visitor, person, session):
        path = f"/reset-password/{make_link_token(person)}"
        session.commit()

        for _scanner in range(3):
            assert visitor.get(path).status_code == 200
            assert visitor.head(path).status_code == 200

        assert visitor.post(path, data={"password": NEW, "again": NEW}).status_code == 302


class TestPasswords:
    @pytest.mark.parametrize("easy", ["sara_mohammadi", "09121234567", "12345678", "گروه صنعتی آفتاب"])
    def test_a47_that_everybody_can_guess_are_refused_wherever_they_are_set(
        self, visitor, login, person, organization, session, easy
    ):
        """His user name, his mobile, a common one, his organisation's name."""
        person.username, organization.name = "sara_mohammadi", "گروه صنعتی آفتاب"
        session.commit()
        before, new = person.password, {"password": easy, "again": easy}

        own = login(person).post("/account/password/", data={"present": PASSWORD, **new})
        link = f"/reset-password/{make_link_token(person)}"
        session.commit()
        mailed = visitor.post(link, data=new)

        session.refresh(person)
        assert (own.status_code, mailed.status_code) == (422, 422)
        assert 'id="password-error"' in own.text
        assert 'id="password-error"' in mailed.text
        assert person.password == before

    @each_text
    def test_that_are_wrong_come_back_in_no_page(self, login, person, session, text):
        before = person.password

        answer = login(person).post(
            "/account/password/", data={"present": text, "password": text, "again": "x"}
        )

        session.refresh(person)
        assert answer.status_code in {413, 422}
        assert person.password == before
        assert not re.search(r'type="password"[^>]* value="[^"]', answer.text)


def _source(name):
    return (Path(__file__).parent / name).read_text("utf-8")


def test_every_case_has_its_test():
    tests = " ".join(re.findall(r"def (test_a\d\w+)", _source("test_hostile_accounts.py")))

    assert {case for case in GROUP if case.lower() not in tests} == set()
