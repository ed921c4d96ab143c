"""What open pages ask for: one statement, an empty answer while nothing is new; unread messages in the bell and the menu."""

import json
from datetime import timedelta

import pytest
from flask import abort
from sqlalchemy import select

from app.services.account.session import end_all_sessions
from models.account import UserSession
from models.notifications.notification import Notification
from tests.day.message_steps import HTMX, reply, shown, unread, write
from tests.factories import member
from tests.notifications.steps import told

NEWS = "/notifications/news"
_FRESH = {"populate_existing": True}


@pytest.fixture
def talk(session, manager, consultant):
    return write(session, manager, [consultant], "سلام")


def mark(browser, query=""):
    return browser.get(f"{NEWS}?{query}", headers=HTMX).json["mark"]


def counts(answer):
    return json.loads(answer.headers["X-Menu-Counts"])


class TestThePoll:
    def test_is_empty_until_something_is_new(self, session, login, manager, consultant, talk):
        browser = login(consultant)
        before = mark(browser)
        assert browser.get(f"{NEWS}?mark={before}", headers=HTMX).status_code == 204

        reply(session, manager, talk, "دو")

        answer = browser.get(f"{NEWS}?mark={before}", headers=HTMX)
        assert answer.status_code == 200
        assert answer.json["mark"] != before
        assert (counts(answer)["/messages/"], counts(answer)["notifications"]) == ("۱", "۱")

    def test_notices_nothing_of_a_strange_conversation(
        self, session, login, organization, manager, consultant, talk
    ):
        browser = login(consultant)
        before = mark(browser)
        write(session, manager, [member("Manager", organization, "other")], "سلام")
        assert browser.get(f"{NEWS}?mark={before}", headers=HTMX).status_code == 204

    def test_costs_one_statement_beside_the_session(self, login, consultant, talk, statements):
        browser = login(consultant)
        before = mark(browser, f"thread={talk}")
        statements.clear()
        assert browser.get(f"{NEWS}?mark={before}&thread={talk}", headers=HTMX).status_code == 204
        assert len(statements) == 2, statements

    @pytest.mark.parametrize("act", ["read", "close"])
    def test_notices_what_the_other_does_in_the_open_conversation(
        self, login, manager, consultant, talk, act
    ):
        browser = login(manager)
        before = mark(browser, f"thread={talk}")
        other = login(consultant)
        other.get(f"/messages/show/{talk}") if act == "read" else other.post(f"/messages/{talk}/close")
        assert browser.get(f"{NEWS}?mark={before}&thread={talk}", headers=HTMX).status_code == 200

    @pytest.mark.parametrize("thread", ["", "x", "-1", "9" * 30, "999999999999999999"])
    def test_takes_any_conversation(self, login, consultant, talk, thread):
        assert login(consultant).get(f"{NEWS}?thread={thread}", headers=HTMX).status_code == 200

    def test_does_not_prolong_the_session(self, session, login, consultant, talk):
        browser = login(consultant)
        of_session = select(UserSession).where(UserSession.member_id == consultant.id)
        [row] = session.scalars(of_session)
        row.last_seen_at = early = row.last_seen_at - timedelta(minutes=5)
        session.commit()
        browser.get(NEWS, headers=HTMX)
        assert session.scalars(of_session, execution_options=_FRESH).one().last_seen_at == early
        browser.get("/account/")
        assert session.scalars(of_session, execution_options=_FRESH).one().last_seen_at > early

    def test_sends_a_stranger_away(self, app, session):
        assert app.test_client().get(NEWS, headers=HTMX).status_code == 401
        assert app.test_client().get(NEWS).status_code == 302

    def test_ends_with_the_session_of_the_member_alone(self, session, login, manager, consultant):
        ended, other = login(consultant), login(manager)
        end_all_sessions(consultant)
        session.commit()
        assert ended.get(NEWS, headers=HTMX).status_code == 401
        assert other.get(NEWS, headers=HTMX).status_code == 200

    def test_refuses_a_switched_off_member_alone(self, session, login, manager, consultant):
        off, other = login(consultant), login(manager)
        consultant.active = False
        session.commit()
        assert off.get(NEWS, headers=HTMX).status_code == 401
        assert other.get(NEWS, headers=HTMX).status_code == 200

    def test_reads_the_member_for_the_frame_of_a_page_of_errors(self, app, login, consultant, monkeypatch):
        monkeypatch.setattr("views.notifications.mark_of_news", lambda: abort(404))
        page = login(consultant).get(NEWS)
        assert page.status_code == 404
        assert consultant.full_name in page.text

    def test_is_of_the_platform_too(self, session, login, manager, consultant):
        """Its members have no organisation, so that the outer join finds none."""
        assert login(member("Operator", None, "operator")).get(NEWS, headers=HTMX).status_code == 200


class TestTheNews:
    def test_of_a_conversation_are_the_messages_that_came_and_are_read(
        self, session, login, organization, manager, consultant, talk
    ):
        browser = login(consultant)
        newest = shown(browser.get(f"/messages/show/{talk}").text)[-1]
        key = reply(session, manager, talk, "دو")

        page = browser.get(f"/messages/{talk}/news?after={newest}", headers=HTMX)
        assert shown(page.text) == [key]
        assert unread(session, organization, talk, consultant) == 0
        assert counts(page)["/messages/"] == ""

    def test_after_an_answer_are_also_those_that_came_before_it(
        self, session, login, manager, consultant, talk
    ):
        browser = login(consultant)
        newest = shown(browser.get(f"/messages/show/{talk}").text)[-1]
        between = reply(session, manager, talk, "دو")
        page = browser.post(f"/messages/{talk}/answer", data={"text": "سه", "after": newest}, headers=HTMX)
        assert shown(page.text)[0] == between
        assert len(shown(page.text)) == 2


class TestTheBell:
    def test_has_one_notification_for_all_messages_of_a_conversation(
        self, session, login, manager, consultant, talk
    ):
        reply(session, manager, talk, "دو")
        other = write(session, manager, [consultant], "جدا")

        notices = [each for each in told(session, consultant) if each.section == "messages"]
        assert [(each.count, each.address) for each in notices] == [
            (2, f"/messages/show/{talk}"),
            (1, f"/messages/show/{other}"),
        ]
        page = login(consultant).get("/notifications/").text
        assert f"۲ پیام تازه، آخری از {manager.full_name}" in page
        assert f"پیام تازه از {manager.full_name}" in page

    def test_counts_anew_once_the_conversation_was_read(self, session, login, manager, consultant, talk):
        reply(session, manager, talk, "دو")
        login(consultant).get(f"/messages/show/{talk}")
        [notice] = told(session, consultant)
        assert notice.read_at is not None

        reply(session, manager, talk, "سه")
        [notice] = told(session, consultant)
        assert (notice.count, notice.read_at) == (1, None)

    def test_reading_one_conversation_leaves_the_notification_of_another(
        self, session, login, manager, consultant, talk
    ):
        write(session, manager, [consultant], "جدا")
        login(consultant).get(f"/messages/show/{talk}")
        assert [each.read_at is None for each in told(session, consultant)] == [False, True]

    def test_says_nothing_to_the_sender_and_to_those_who_are_switched_off(
        self, session, login, organization, manager, consultant, talk
    ):
        consultant.active = False
        other = member("Consultant", organization, "other")
        write(session, manager, [other], "سلام")
        assert told(session, manager) == []
        assert len(told(session, consultant)) == 1
        assert len(told(session, other)) == 1

    def test_tells_each_of_200_members_in_one_statement(
        self, session, login, organization, manager, statements
    ):
        people = [member("Consultant", organization, f"c{number}") for number in range(200)]
        session.commit()
        browser = login(manager)
        statements.clear()
        browser.post("/messages/add", data={"everybody": "y", "text": "سلام"})

        assert sum("INSERT INTO notifications" in each for each in statements) == 1
        assert len(statements) <= 25, statements
        found = select(Notification.member_id).where(Notification.section == "messages")
        assert {each.id for each in people} <= set(
            session.scalars(found, execution_options={"unscoped": True})
        )

    def test_beside_the_menu_entry_are_unread_conversations(self, session, login, manager, consultant, talk):
        reply(session, manager, talk, "دو")
        page = login(consultant).get("/account/").text
        assert 'data-count="/messages/">۱</span>' in page
        assert 'data-count="/messages/"></span>' in login(manager).get("/account/").text
