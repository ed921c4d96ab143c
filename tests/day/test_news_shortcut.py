"""The answer «nothing is new» without a route: to whom it is given, and what goes on to the application."""

import pytest
from flask import request, request_started
from sqlalchemy.exc import OperationalError

from models.organization import OrganizationStatus
from tests.day.message_steps import HTMX, reply, write
from tests.factories import member

NEWS = "/notifications/news"


@pytest.fixture
def routed(app):
    """The paths of the requests that Flask has routed."""
    found = []

    def note(_sender, **_more):
        found.append(request.path)

    with request_started.connected_to(note, app):
        yield found


@pytest.fixture
def talk(session, manager, consultant):
    return write(session, manager, [consultant], "سلام")


@pytest.fixture
def browser(login, consultant, talk):
    return login(consultant)


@pytest.fixture
def mark(browser):
    return browser.get(NEWS, headers=HTMX).json["mark"]


def ask(browser, mark, extra=None, **more):
    return browser.get(f"{NEWS}?mark={mark}", headers={**HTMX, **(extra or {})}, **more)


class TestNothingNew:
    def test_is_answered_without_a_route(self, browser, mark, routed):
        found = ask(browser, mark)
        assert (found.status_code, found.data, routed) == (204, b"", [])

    def test_has_the_headers_of_every_answer(self, browser, mark, routed):
        quick, slow = ask(browser, mark), browser.get("/account/")
        assert quick.headers["Cache-Control"] == slow.headers["Cache-Control"] == "private, no-store"
        assert quick.headers["Content-Security-Policy"] == slow.headers["Content-Security-Policy"]
        missing = set(slow.headers.keys()) - set(quick.headers.keys())
        # Those of a body.
        assert missing <= {"Content-Type", "Content-Length", "Content-Encoding", "Set-Cookie"}
        assert quick.headers["X-Request-ID"] != slow.headers["X-Request-ID"]
        named = ask(browser, mark, extra={"X-Request-ID": "given-by-proxy"})
        assert named.headers["X-Request-ID"] == "given-by-proxy"
        assert routed == ["/account/"]

    def test_leaves_no_transaction(self, browser, mark, session, statements):
        ask(browser, mark)
        assert len(statements) == 2, statements
        assert not session.new
        assert not session.dirty


class TestGoesOn:
    """Each of these is answered by the application, and the same browser without it is not."""

    @pytest.fixture(autouse=True)
    def first_without(self, browser, mark, routed):
        assert (ask(browser, mark).status_code, routed) == (204, [])

    def test_when_something_is_new(self, session, manager, talk, browser, mark, routed):
        reply(session, manager, talk, "دو")
        assert ask(browser, mark).json["mark"] != mark
        assert routed == [NEWS]

    def test_with_the_mark_of_a_colleague(self, session, login, organization, manager, browser, mark, routed):
        other = member("Consultant", organization, "other")
        write(session, manager, [other], "سلام")
        found = ask(login(other), mark)
        assert found.json["mark"] != mark
        assert routed[-1] == NEWS

    @pytest.mark.parametrize(
        "query", ["", "mark=", "mark=%20", "thread=1&mark={}", "mark={}&thread=1", "mark={}&mark={}"]
    )
    def test_with_another_question(self, browser, mark, routed, query):
        browser.get(f"{NEWS}?{query.replace('{}', mark)}", headers=HTMX)
        assert routed == [NEWS]

    @pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS"])
    def test_with_another_method(self, browser, mark, routed, method):
        browser.open(f"{NEWS}?mark={mark}", method=method)
        assert routed == [NEWS]

    def test_with_a_token_of_rest(self, browser, mark, routed):
        browser.get(f"{NEWS}?mark={mark}", headers={"Authorization": "Bearer x"})
        assert routed == [NEWS]

    def test_after_the_session_ended(self, session, browser, consultant, mark, routed):
        consultant.session_epoch += 1
        session.commit()
        assert (ask(browser, mark).status_code, routed) == (401, [NEWS])

    def test_for_a_member_who_is_switched_off(self, session, browser, consultant, mark, routed):
        consultant.active = False
        session.commit()
        assert (ask(browser, mark).status_code, routed) == (401, [NEWS])

    def test_with_a_cookie_of_another_member(self, session, browser, manager, mark, routed):
        with browser.session_transaction() as cookie:
            cookie["_user_id"] = str(manager.id)
        assert (ask(browser, mark).status_code, routed) == (401, [NEWS])

    def test_without_a_cookie(self, app, mark, routed):
        assert (ask(app.test_client(), mark).status_code, routed) == (401, [NEWS])

    def test_with_a_forged_cookie(self, app, mark, routed):
        browser = app.test_client()
        browser.set_cookie(app.config["SESSION_COOKIE_NAME"], "eyJzaWQiOiJ4In0.x.x")
        assert (ask(browser, mark).status_code, routed) == (401, [NEWS])

    def test_of_a_suspended_organisation(self, session, browser, organization, mark, routed):
        organization.status = OrganizationStatus.SUSPENDED
        session.commit()
        assert (ask(browser, mark).status_code, routed) == (403, [NEWS])

    def test_until_the_own_password_is_chosen(self, session, browser, consultant, mark, routed):
        consultant.must_change_password = True
        session.commit()
        assert (ask(browser, mark).status_code, routed) == (403, [NEWS])

    def test_until_managers_have_set_up_the_second_step(
        self, session, login, organization, manager, browser, mark, routed
    ):
        of_manager = login(manager)
        their_mark = of_manager.get(NEWS, headers=HTMX).json["mark"]
        routed.clear()
        assert (ask(of_manager, their_mark).status_code, routed) == (204, [])
        organization.managers_need_totp = True
        session.commit()
        assert (ask(of_manager, their_mark).status_code, routed) == (403, [NEWS])
        # The consultant has no such duty.
        assert (ask(browser, mark).status_code, routed) == (204, [NEWS])

    def test_for_the_people_of_the_platform(self, login, routed):
        operator = login(member("Operator", None, "operator"))
        their_mark = operator.get(NEWS, headers=HTMX).json["mark"]
        routed.clear()
        assert (ask(operator, their_mark).status_code, routed) == (204, [NEWS])

    def test_by_a_foreign_host_name(self, app, browser, mark, routed, monkeypatch):
        monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["ava.test"])
        assert ask(browser, mark, base_url="http://localhost").status_code == 400
        monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["localhost"])
        assert ask(browser, mark, base_url="http://localhost:5000").status_code == 204

    def test_when_the_database_fails(self, browser, mark, routed, monkeypatch):
        def fail(_key):
            raise OperationalError("SELECT", {}, Exception("connection lost"))

        monkeypatch.setattr("app.news_shortcut.find_session_briefly", fail)
        assert (ask(browser, mark).status_code, routed) == (204, [NEWS])
