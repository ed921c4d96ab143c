"""The database goes away in the middle of a request: a calm page with 503, whatever the request was for."""

import sqlite3
from contextvars import Context
from datetime import timedelta
from io import BytesIO

import psycopg
import pytest
from flask import abort, request_finished
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.panel.errors import page as error_page
from app.panel.outage import is_outage
from app.services.account.token import make_token
from models.account import TokenScope, UserSession
from models.attachment import Attachment
from tests.factories import CustomerFactory, FollowUpFactory, ProductFactory, member
from tests.support.attached import PDF

SENTENCE = "سامانه موقتاً در دسترس نیست؛ داده‌ای از دست نرفته است. چند لحظه دیگر تلاش کنید."
NUMBER = "trace-of-this-request"
FRAGMENT = {"HX-Request": "true"}
WORDS = {"title": "تازه", "code": "NEW-1", "price": "1000"}


class Outage:
    """Takes the database away for real, before the statement with a number or after the answer is made."""

    def __init__(self, connection):
        self.connection, self.seen, self.left = connection, 0, None
        event.listen(connection, "before_cursor_execute", self._count)

    def _count(self, *_arguments):
        self.seen += 1
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                self.begin()

    def statements_of(self, kind):
        """How many statements run until the answer is made."""
        counted = []

        def note(*_arguments, **_more):
            counted.append(self.seen)

        self.seen = 0
        with request_finished.connected_to(note):
            ask(kind)
        return counted[0]

    def begin(self, *_arguments, **_more):
        """PostgreSQL ends the session from outside; SQLite's file is closed under the connection."""
        driver = self.connection.connection.driver_connection
        if self.connection.dialect.name == "sqlite":
            driver.close()
            return
        with psycopg.connect(self._address(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (driver.info.backend_pid,))

    def _address(self):
        url = self.connection.engine.url.set(drivername="postgresql")
        return url.render_as_string(hide_password=False)

    def end(self):
        event.remove(self.connection, "before_cursor_execute", self._count)
        request_finished.disconnect(self.begin)


@pytest.fixture
def outage(session):
    away = Outage(db.engines[None])
    yield away
    away.end()


@pytest.fixture
def kinds(app, session, login, manager, consultant):
    """A request for each kind of page."""
    product, customer = ProductFactory(), CustomerFactory()
    follow_up = FollowUpFactory(consultant_id=consultant.id)
    _row, secret = make_token(manager, name="آزمون", scope=TokenScope.WRITE, days=1)
    session.commit()
    browser, root, stranger = login(manager), login(member("Admin", None, "root")), app.test_client()
    files = {"files": (BytesIO(PDF), "فاکتور.pdf")}
    browser.post(f"/customers/{customer.id}/files/add", data=files, content_type="multipart/form-data")
    uuid = session.scalars(select(Attachment.uuid)).one()
    token = {"Authorization": f"Bearer {secret}"}
    return {
        "list": (browser, "GET", "/products/", {}),
        "list in an open page": (browser, "GET", "/products/", {"headers": FRAGMENT}),
        "form": (browser, "GET", f"/products/edit/{product.id}", {}),
        "saving": (browser, "POST", "/products/add", {"data": WORDS}),
        "row": (browser, "GET", f"/customers/show/{customer.id}", {}),
        "panel": (login(consultant), "GET", f"/follow-ups/{follow_up.id}/panel", {"headers": FRAGMENT}),
        "dialog": (
            browser,
            "POST",
            "/products/action_post",
            {"data": {"action": "remove", "rowid": product.id}},
        ),
        "palette": (browser, "GET", "/palette/rows?q=0912", {}),
        "download": (browser, "GET", f"/customers/{customer.id}/files/{uuid}", {}),
        "export": (browser, "POST", "/customers/export", {"data": {"_query": "", "format": "csv"}}),
        "account": (browser, "GET", "/account/sessions/", {}),
        "settings": (browser, "GET", "/settings/organization/", {}),
        "login": (stranger, "POST", "/login/", {"data": {"username": manager.username, "password": "x"}}),
        "logout": (_copied(browser, app), "POST", "/logout/", {}),
        "console": (root, "GET", "/console/sessions/", {}),
        "hint": (root, "GET", "/products/", {}),
        "error page": (browser, "GET", "/no/such/page", {}),
        "rest list": (stranger, "GET", "/api/v1/products/", {"headers": token}),
        "rest write": (stranger, "POST", "/api/v1/products/", {"headers": token, "json": WORDS}),
    }


def _copied(browser, app):
    """Makes clients with the cookie of *browser*, of which each can log out once."""
    with browser.session_transaction() as cookie:
        values = dict(cookie)

    def make():
        client = app.test_client()
        with client.session_transaction() as fresh:
            fresh.update(values)
        return client

    return make


KINDS = (
    *("list", "list in an open page", "form", "saving", "row", "panel", "dialog", "palette", "download"),
    *("export", "account", "settings", "login", "logout", "console", "hint", "error page", "rest list"),
    "rest write",
)


def ask(kind):
    browser, method, path, more = kind
    browser = browser() if callable(browser) else browser
    headers = {"X-Request-ID": NUMBER} | more.get("headers", {})
    # Without the search for foreign words, which asks the database too.
    answer = Context().run(FlaskClient.open, browser, path, method=method, **(more | {"headers": headers}))
    answer.close()
    return answer


def refuse_anything_but_calm(answer, kind):
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["X-Request-ID"] == NUMBER
    if kind.startswith("rest"):
        assert answer.mimetype == "application/problem+json"
        assert (answer.json["title"], answer.json["request_id"]) == (SENTENCE, NUMBER)
        return
    assert SENTENCE in answer.text
    assert NUMBER in answer.text
    assert 'dir="rtl"' in answer.text
    assert answer.headers["X-Frame-Options"] == "DENY"


class TestS06TheDatabaseGoesAway:
    @pytest.mark.parametrize("moment", ["first", "early", "middle", "late", "last"])
    @pytest.mark.parametrize("kind", KINDS)
    def test_before_a_statement_of_each_kind_of_page(self, session, kinds, outage, kind, moment):
        # Counted the second time: a process asks the database for some things only once.
        for _ in range(2):
            savepoint = db.engines[None].begin_nested()
            number = outage.statements_of(kinds[kind])
            savepoint.rollback()
        share = {"first": 0, "early": 0.25, "middle": 0.5, "late": 0.75, "last": 1}[moment]
        outage.left = 1 + round(share * (number - 1))

        answer = ask(kinds[kind])

        refuse_anything_but_calm(answer, kind)
        # The real page, not what is sent where that fails.
        assert kind.startswith("rest") or 'class="error-card"' in answer.text

    @pytest.mark.parametrize("kind", ["list", "row", "error page", "rest list", "palette", "console"])
    def test_after_the_answer_is_made_which_stays(self, app, kinds, outage, kind):
        status = ask(kinds[kind]).status_code
        request_finished.connect(outage.begin, app)

        answer = ask(kinds[kind])

        assert answer.status_code == status
        assert answer.headers["X-Request-ID"] == NUMBER

    def test_while_a_form_with_an_old_token_is_answered(self, app, kinds, outage, monkeypatch):
        monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
        outage.left = 1

        refuse_anything_but_calm(ask(kinds["saving"]), "saving")

    def test_while_the_session_is_noted_as_seen(self, session, kinds, outage):
        for seen in session.scalars(select(UserSession)):
            seen.last_seen_at -= timedelta(minutes=5)
        session.commit()
        # The statement after the one that finds the session.
        outage.left = 2

        refuse_anything_but_calm(ask(kinds["list"]), "list")

    @pytest.mark.parametrize(("error", "code"), [(404, 503), (RuntimeError("inside"), 500)])
    def test_while_another_error_is_answered(self, kinds, outage, monkeypatch, error, code):
        """The connection is gone and no statement has noticed; the rollback is the first that does."""

        def fail(*_arguments, **_more):
            outage.begin()
            if isinstance(error, int):
                abort(error)
            raise error

        monkeypatch.setattr("app.panel.lists.routes.list_page", fail)

        answer = ask(kinds["list"])

        assert answer.status_code == code
        assert NUMBER in answer.text
        assert 'class="error-card"' in answer.text

    def test_an_open_page_stays_and_shows_a_toast(self, kinds, outage):
        outage.left = 2

        answer = ask(kinds["list in an open page"])

        assert answer.headers["HX-Reswap"] == "none"
        assert "toast" in answer.headers["HX-Trigger"]
        assert NUMBER in answer.headers["HX-Trigger"]

    def test_while_the_visit_of_an_admin_is_noted(self, session, login, manager, organization, outage):
        ProductFactory()
        root = login(member("Admin", None, "root"))
        root.post(f"/organizations/enter/{organization.id}")
        kind = (root, "GET", "/products/", {})
        # The last statements of the request are those of the visit.
        outage.left = outage.statements_of(kind) - 1

        refuse_anything_but_calm(ask(kind), "list")


class TestS06WhereEvenThePageFails:
    @pytest.fixture(params=["template", "words"])
    def broken(self, app, monkeypatch, request):
        def fail(*_arguments, **_more):
            raise RuntimeError("inside")

        if request.param == "template":
            monkeypatch.setattr(app.jinja_env, "get_template", fail)
        else:
            monkeypatch.setattr(error_page, "texts", fail)

    def test_a_static_page_is_left(self, broken, login, manager, monkeypatch):
        browser = login(manager)
        monkeypatch.setattr("app.security_manager.find_session", lambda *_args, **_named: _away())

        refuse_anything_but_calm(ask((browser, "GET", "/products/", {})), "list")

    def test_also_of_another_error(self, broken, app, session):
        answer = ask((app.test_client(), "GET", "/no/such/page", {}))

        assert answer.status_code == 404
        assert NUMBER in answer.text
        assert "inside" not in answer.text

    def test_an_id_is_no_markup(self, broken, app, session):
        answer = app.test_client().get("/no/such/page", headers={"X-Request-ID": "<script>alert(1)"})

        assert "<script" not in answer.text


def _away():
    raise OperationalError("SELECT 1", {}, OSError("connection failed: inside"))


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (sqlite3.OperationalError("unable to open database file"), True),
        (sqlite3.OperationalError("no such table: things"), False),
        (psycopg.errors.AdminShutdown("terminating"), True),
        (psycopg.errors.UndefinedTable("things"), False),
        (OperationalError("SELECT 1", {}, psycopg.errors.TooManyConnections("too many")), True),
        (ValueError("connection"), False),
    ],
)
def test_s06_an_outage_is_told_from_a_mistake_of_ours(error, away):
    assert is_outage(error) is away


def test_s06_an_outage_is_known_through_what_was_raised_from_it():
    error = RuntimeError("rendering failed")
    error.__cause__ = psycopg.errors.AdminShutdown("terminating")

    assert is_outage(error)
