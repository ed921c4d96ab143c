"""What every answer carries, error pages included: a request id, security headers, the exact Persian sentences."""

import re
from datetime import timedelta

import pytest
from flask import abort
from sqlalchemy.exc import OperationalError

from app.lib import clock
from models.customer import Customer
from tests.factories import ProductFactory

pytestmark = pytest.mark.usefixtures("colleagues_rows")

MOBILE = "+989121234567"
SENTENCES = {
    403: "شما به این بخش دسترسی ندارید.",
    404: "موردی با این نشانی پیدا نشد.",
    413: "حجم فایل بیش از ۱۰ مگابایت است.",
    500: "خطای داخلی رخ داد. کد پیگیری: {id}",
    503: "سامانه موقتاً در دسترس نیست؛ داده‌ای از دست نرفته است. چند لحظه دیگر تلاش کنید.",
}
CSRF = "مهلت این فرم تمام شده است. دوباره ارسال کنید؛ نوشته‌های شما حفظ شده است."
CODES = [400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503]


class Away(Exception):
    """What psycopg says when its server is being stopped."""

    sqlstate = "57P01"


@pytest.fixture
def failing(login, manager, monkeypatch):
    """Ask for a page that ends with *error*."""
    client = login(manager)

    def ask(error):
        def fail(*_args, **_kwargs):
            abort(error) if isinstance(error, int) else _raise(error)

        monkeypatch.setattr("app.panel.lists.routes.list_page", fail)
        return client.get("/products/")

    return ask


def _raise(error):
    raise error


@pytest.mark.parametrize("code", CODES)
def test_an_error_of_any_kind_is_a_persian_page_with_id_and_headers(failing, code):
    answer = failing(code)

    number = answer.headers["X-Request-ID"]
    assert answer.status_code == code
    assert number
    assert number in answer.text
    assert 'dir="rtl"' in answer.text
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert SENTENCES.get(code, "").format(id=number) in answer.text
    assert ("خطای داخلی" in answer.text) is (code == 500)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("inside"), 500),
        (OperationalError("SELECT 1", {}, OSError("no such table: inside")), 500),
        (OperationalError("SELECT 1", {}, Away("inside")), 503),
        (OperationalError("SELECT 1", {}, OSError("connection failed: inside")), 503),
        (OperationalError("SELECT 1", {}, OSError("database is locked: inside")), 503),
    ],
)
def test_a_crash_says_nothing_of_the_inside_and_a_database_that_is_away_is_no_crash(failing, error, code):
    answer = failing(error)

    assert answer.status_code == code
    assert "inside" not in answer.text
    assert SENTENCES[code].format(id=answer.headers["X-Request-ID"]) in answer.text


def test_a_database_that_goes_while_the_member_is_looked_up_is_away_and_nothing_worse(
    login, manager, monkeypatch
):
    browser = login(manager)

    def fail(*_args, **_kwargs):
        raise OperationalError("SELECT 1", {}, OSError("connection failed: inside"))

    monkeypatch.setattr("app.security_manager.find_session", fail)
    answer = browser.get("/customers/")

    assert answer.status_code == 503
    assert SENTENCES[503] in answer.text


@pytest.mark.parametrize("given", ["trace-of-a-client", None])
def test_an_id_that_was_sent_is_kept_and_a_strange_one_is_not(login, manager, given):
    answer = login(manager).get("/products/", headers={"X-Request-ID": given or "<script>alert(1)</script>"})

    number = answer.headers["X-Request-ID"]
    assert number == given if given else "script" not in number
    assert len(number) >= 8


@pytest.mark.parametrize(
    "path", ["/login/", "/forgot-password/", "/customers/add", "/account/", "/", "/audit/verify"]
)
def test_pages_are_never_kept_by_a_browser(login, manager, path):
    assert login(manager).get(path).headers["Cache-Control"] == "private, no-store"


class TestLists:
    @pytest.fixture
    def client(self, app, login, manager, monkeypatch):
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
        return login(manager)

    def again(self, client, answer, **headers):
        return client.get("/products/", headers={"If-None-Match": answer.headers["ETag"], **headers})

    def test_are_kept_and_asked_about_each_time(self, client):
        ProductFactory()
        first = client.get("/products/")

        assert first.headers["Cache-Control"] == "private, no-cache"
        assert {"Cookie", "HX-Request"} <= set(first.headers["Vary"].split(", "))
        assert self.again(client, first).status_code == 304

    def test_are_sent_again_when_a_row_is_new(self, client):
        first = client.get("/products/")
        ProductFactory(title="تازه")

        assert "تازه" in self.again(client, first).text

    def test_are_another_page_for_somebody_else(self, client, login, consultant):
        first = client.get("/products/")

        assert self.again(login(consultant), first).status_code == 200

    def test_are_another_page_as_a_fragment(self, client):
        first = client.get("/products/")

        assert self.again(client, first, **{"HX-Request": "true"}).status_code == 200

    def test_have_their_tokens_renewed_in_time(self, client):
        first = client.get("/products/")
        clock.start_at(clock.now() + timedelta(minutes=31))

        assert self.again(client, first).status_code == 200

    def test_are_for_nobody_who_has_logged_out(self, client):
        first = client.get("/products/")
        token = re.search(r'name="csrf_token" value="([^"]+)"', first.text)[1]
        client.post("/logout/", data={"csrf_token": token})

        assert self.again(client, first).status_code == 302


class TestTheTokenOfAForm:
    @pytest.fixture
    def client(self, app, login, manager, monkeypatch):
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
        return login(manager)

    def send(self, client, **headers):
        data = {
            "mobile": "09121234567",
            "first_name": "سارا",
            "note": "یک\n<b>دو",
            "password": "راز",
            "csrf_token": "x",
        }
        return client.post("/customers/add", data=data, headers=headers)

    def test_that_is_wrong_stores_nothing_and_keeps_what_was_written(self, session, client):
        answer = self.send(client, Origin="http://localhost")

        assert answer.status_code == 400
        assert answer.headers["X-Request-ID"] in answer.text.partition("</form>")[2]
        assert len(answer.headers["X-Request-ID"]) == 16
        assert CSRF in answer.text
        assert "سارا" in answer.text
        assert "یک\n&lt;b&gt;دو" in answer.text
        assert "راز" not in answer.text
        assert session.query(Customer).filter_by(mobile=MOBILE).count() == 0

    @pytest.mark.parametrize(
        "headers", [{"Origin": "https://evil.ir"}, {"Referer": "https://evil.ir/localhost"}, {}]
    )
    def test_is_not_offered_to_what_another_site_wrote(self, client, headers):
        answer = self.send(client, **headers)

        # What names another site is refused before its token is read.
        assert answer.status_code == (403 if "Origin" in headers else 400)
        assert "&lt;b&gt;دو" not in answer.text
        assert "<textarea" not in answer.text

    def test_is_renewed_in_an_open_page(self, client):
        answer = self.send(client, **{"HX-Request": "true", "Origin": "http://localhost"})

        assert answer.status_code == 400
        fresh = {"mobile": "09121234567", "csrf_token": answer.headers["X-CSRF-Token"]}
        assert client.post("/customers/add", data=fresh).status_code == 302

    def test_sent_again_stores_it(self, session, client):
        page = self.send(client, Origin="http://localhost").text
        fields = dict(_fields(page))

        assert client.post("/customers/add", data=fields).status_code == 302
        assert session.query(Customer).filter_by(mobile=MOBILE).one().first_name == "سارا"


def _fields(page):
    yield from re.findall(r'<textarea name="([^"]+)" hidden>\n([^<]*)</textarea>', page)
    yield from re.findall(r'name="(csrf_token)" value="([^"]+)"', page)
