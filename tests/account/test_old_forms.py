"""Forms whose token has expired, or belongs to a session that has ended in another window."""

import re
from datetime import UTC, datetime

import pytest

from models.customer import Customer
from tests.account.steps import PASSWORD, is_in

HERE = {"Origin": "http://localhost", "Referer": "http://localhost/customers/add?tab=1"}
LOST = "رمزها و کلیدها نگه داشته نمی‌شوند"
NEW_CUSTOMER = {"mobile": "09121234567", "first_name": "سارا", "csrf_token": "x"}


@pytest.fixture(autouse=True)
def guarded(app, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


def token_in(page):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def send_login(client, person, token, path="/login/"):
    data = {"username": person.username, "password": PASSWORD, "csrf_token": token}
    return client.post(path, data=data, headers=HERE)


class TestTheLogin:
    def test_shows_its_form_again_with_the_name_and_a_new_token(self, visitor, person):
        answer = send_login(visitor, person, "x")

        assert answer.status_code == 400
        assert "رمز عبور را دوباره بنویسید" in answer.text
        assert f'value="{person.username}"' in answer.text
        assert PASSWORD not in answer.text
        assert send_login(visitor, person, token_in(answer.text)).status_code == 302
        assert is_in(visitor)

    def test_leads_on_who_has_logged_in_in_another_window(self, visitor, person):
        old = token_in(visitor.get("/login/").text)
        send_login(visitor, person, old)

        answer = send_login(visitor, person, old, "/login/?next=/orders/")

        assert (answer.status_code, answer.location) == (302, "/orders/")

    def test_leads_to_no_other_site(self, visitor, person):
        old = token_in(visitor.get("/login/").text)
        send_login(visitor, person, old)

        answer = send_login(visitor, person, old, "/login/?next=https://evil.ir/")

        assert "evil" not in answer.location

    def test_asks_for_the_code_again(self, visitor, person):
        with visitor.session_transaction() as cookie:
            cookie["awaits_code"] = [person.id, datetime.now(UTC).timestamp(), "/"]

        answer = visitor.post("/login/code", data={"code": "123456", "csrf_token": "x"}, headers=HERE)

        assert answer.status_code == 400
        assert "کد را دوباره بنویسید" in answer.text

    def test_begins_again_where_no_code_is_awaited(self, visitor):
        answer = visitor.post("/login/code", data={"code": "123456", "csrf_token": "x"}, headers=HERE)

        assert answer.location == "/login/"


class TestTheLogout:
    def test_of_an_ended_session_leads_to_the_login(self, visitor):
        assert visitor.post("/logout/", data={"csrf_token": "x"}, headers=HERE).location == "/login/"

    def test_of_a_member_can_be_sent_again(self, login, manager):
        client = login(manager)

        page = client.post("/logout/", data={"csrf_token": "x"}, headers=HERE)

        assert page.status_code == 400
        assert "دوباره بفرست" in page.text

    def test_cannot_be_sent_again_from_another_site(self, login, manager):
        client = login(manager)

        page = client.post("/logout/", data={"csrf_token": "x"}, headers={"Referer": "https://evil.ir/"})

        assert page.status_code == 400
        assert "دوباره بفرست" not in page.text
        assert is_in(client)


class TestAFormOfTheEndedSession:
    def test_leads_to_the_login_and_back_to_its_page(self, visitor):
        answer = visitor.post("/customers/add", data=NEW_CUSTOMER, headers=HERE)

        assert answer.status_code == 302
        assert answer.location == "/login/?next=/customers/add?tab%3D1"

    @pytest.mark.parametrize("referer", ["https://evil.ir/customers/add", "http://localhost/logout/", ""])
    def test_leads_back_to_no_other_site_and_to_no_address_without_a_page(self, visitor, referer):
        answer = visitor.post("/customers/add", data=NEW_CUSTOMER, headers={"Referer": referer})

        assert answer.location == "/login/"

    def test_answers_a_script_as_every_request_without_a_session(self, visitor):
        answer = visitor.post("/customers/add", data=NEW_CUSTOMER, headers=HERE | {"HX-Request": "true"})

        assert answer.status_code == 401


class TestASecret:
    def test_is_said_to_be_lost(self, visitor):
        data = {"password": "راز", "again": "راز", "csrf_token": "x"}

        page = visitor.post("/reset-password/no-token", data=data, headers=HERE)

        assert LOST in page.text

    def test_is_not_missed_where_none_was_written(self, visitor):
        page = visitor.post(
            "/forgot-password/", data={"email": "s@example.ir", "csrf_token": "x"}, headers=HERE
        )

        assert "حفظ شده است" in page.text
        assert LOST not in page.text


def test_a_form_that_a_script_sends_gets_a_new_token(login, manager, session):
    client = login(manager)

    refused = client.post("/customers/add", data=NEW_CUSTOMER, headers=HERE | {"X-In-Place": "1"})
    data = NEW_CUSTOMER | {"csrf_token": refused.headers["X-CSRF-Token"]}

    assert refused.status_code == 400
    assert client.post("/customers/add", data=data).status_code == 302
    assert session.query(Customer).filter_by(mobile="+989121234567").count() == 1
