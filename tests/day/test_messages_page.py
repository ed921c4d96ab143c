"""The page of messages: the list with its filters, the open conversation, what was seen, and what both cost."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import insert, update

from app.lib import clock
from app.lib.clock import now
from models.messages.message import Message
from models.messages.thread import Thread, ThreadMember, ThreadStatus
from models.tenancy.scope import Actor, bind
from tests.day.message_steps import HTMX, PDF, listed, reply, shown, unread, write
from tests.factories import member


@pytest.fixture
def other(session, organization, manager):
    return member("Manager", organization, "other", first_name="زهرا", last_name="کریمی")


@pytest.fixture
def talks(session, manager, consultant, other):
    """An unread conversation of the consultant, one that they have read, and a closed one."""
    manager.first_name, manager.last_name = "نرگس", "امینی"
    keys = {
        "closed": write(session, manager, [consultant], "قدیمی"),
        "read": write(session, manager, [consultant], "رسیدِ شیراز", subject="جلسه"),
        "unread": write(session, other, [consultant], "سلام"),
        "strange": write(session, manager, [other], "شیراز"),
    }
    bind(session, Actor(manager.organization_id, manager.id))
    session.execute(
        update(Thread).where(Thread.id == keys["closed"]).values(status=ThreadStatus.CLOSED),
        execution_options={"synchronize_session": False},
    )
    session.commit()
    return keys


@pytest.fixture
def reader(login, consultant, talks):
    browser = login(consultant)
    browser.get(f"/messages/show/{talks['read']}")
    return browser


class TestTheList:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", ["unread", "read"]),
            ("?status=closed", ["closed"]),
            ("?read=unread", ["unread"]),
            ("?read=read", ["read"]),
            ("?status=closed&read=read", []),
            ("?status=nonsense&read=nonsense&older=x.y", ["unread", "read"]),
            ("?q=شيراز", ["read"]),
            ("?q=جلسه", ["read"]),
            ("?q=زهرا", ["unread"]),
            ("?q=نرگس امینی", ["read"]),
            ("?q=%25", []),
            ("?q=\u200c", []),
            ("?q=هیچ‌کس", []),
        ],
    )
    def test_shows_what_was_asked_for(self, reader, talks, query, expected):
        page = reader.get(f"/messages/{query}")
        assert page.status_code == 200
        assert listed(page.text) == [talks[name] for name in expected]

    def test_says_why_it_is_empty(self, login, organization, manager):
        browser = login(member("Manager", organization, "newcomer"))
        assert "هنوز پیامی ندارید." in browser.get("/messages/").text
        assert "پیام نخوانده‌ای نیست." in browser.get("/messages/?read=unread").text
        assert "چیزی پیدا نشد" in browser.get("/messages/?q=x").text

    def test_says_you_for_ones_own_and_names_others_in_a_group(
        self, session, login, manager, consultant, other
    ):
        write(session, manager, [consultant, other], "به همه")
        page = login(manager).get("/messages/").text
        assert "شما: به همه" in page
        assert f"{manager.first_name}: به همه" in login(other).get("/messages/").text

    def test_goes_on_where_a_page_ends(self, session, login, manager, consultant, other):
        keys = [write(session, other, [consultant], str(number)) for number in range(32)]
        browser = login(consultant)
        first = browser.get("/messages/").text
        assert listed(first) == keys[:1:-1]

        older = re.search(r'href="(/messages/\?older=[^"]+)"', first)[1]
        assert listed(browser.get(older, headers=HTMX).text) == keys[1::-1]

    def test_names_two_and_the_number_of_the_others(self, session, login, organization, manager):
        people = [
            member("Consultant", organization, f"c{number}", last_name=f"نام{number}") for number in range(5)
        ]
        write(session, manager, people, "سلام")
        assert "و ۲ نفر دیگر" in login(manager).get("/messages/").text


class TestTheConversation:
    def test_shows_where_reading_stopped_and_is_read_then(
        self, session, login, organization, manager, consultant
    ):
        key = write(session, manager, [consultant], "یک")
        browser = login(consultant)
        browser.get(f"/messages/show/{key}")
        reply(session, manager, key, "دو")
        reply(session, manager, key, "سه")

        page = browser.get(f"/messages/show/{key}").text
        assert page.index("یک</p>") < page.index("۲ پیام تازه") < page.index("دو</p>")
        assert unread(session, organization, key, consultant) == 0
        assert "پیام تازه</span>" not in browser.get(f"/messages/show/{key}").text

    def test_says_when_the_other_has_seen_it(self, session, login, manager, consultant):
        clock.start_at(datetime(2026, 11, 29, 12, 44, tzinfo=UTC))
        key = write(session, manager, [consultant], "یک")
        page = login(manager).get(f"/messages/show/{key}").text
        assert "فرستاده شد" in page
        assert "دیده شد" not in page

        login(consultant).get(f"/messages/show/{key}")
        assert "دیده شد ۱۶:۱۴" in login(manager).get(f"/messages/show/{key}").text

    def test_names_those_of_a_group_who_have_seen_it(
        self, session, login, organization, manager, consultant, other
    ):
        third = member("Consultant", organization, "third", last_name="سومی")
        key = write(session, manager, [consultant, other, third], "یک")
        login(consultant).get(f"/messages/show/{key}")
        login(other).get(f"/messages/show/{key}")

        page = login(manager).get(f"/messages/show/{key}").text
        assert "۲ از ۳ نفر دیدند" in page
        names = page.partition('talk-line-seen"')[2].partition("</details>")[0]
        assert "زهرا کریمی" in names
        assert "سومی" not in names

    def test_shows_files_to_its_members(self, session, login, manager, consultant):
        key = write(session, manager, [consultant], "یک")
        data = {"text": "", "files": (BytesIO(PDF), "رسید.pdf")}
        login(manager).post(f"/messages/{key}/answer", data=data, headers=HTMX)

        browser = login(consultant)
        page = browser.get(f"/messages/show/{key}").text
        url = next(part for part in page.split('"') if f"/messages/{key}/files/" in part)
        answer = browser.get(url)
        assert answer.data == PDF
        answer.close()
        assert "فایل" in browser.get("/messages/").text

    def test_loads_earlier_messages_by_the_page(self, session, login, manager, consultant):
        key = write(session, manager, [consultant], "0")
        newest = [reply(session, manager, key, str(number)) for number in range(1, 60)][-1]
        login(consultant).get(f"/messages/show/{key}")
        browser = login(consultant)
        page = browser.get(f"/messages/show/{key}").text
        assert (len(shown(page)), shown(page)[-1]) == (40, newest)

        older = browser.get(f"/messages/{key}/older?before={shown(page)[0]}", headers=HTMX).text
        assert len(shown(older)) == 20
        assert shown(older)[-1] == shown(page)[0] - 1
        assert "/older?" not in older

    def test_opens_at_unread_messages_beyond_a_page(self, session, login, manager, consultant):
        key = write(session, manager, [consultant], "0")
        for number in range(1, 60):
            reply(session, manager, key, str(number))
        page = login(consultant).get(f"/messages/show/{key}").text
        assert len(shown(page)) == 60
        assert "۶۰ پیام تازه" in page

    def test_says_that_the_other_is_away_or_switched_off(self, session, login, manager, consultant):
        key = write(session, manager, [consultant], "یک")
        consultant.accepts_orders = False
        session.commit()
        assert "غایب" in login(manager).get(f"/messages/show/{key}").text


class TestTheCost:
    @pytest.fixture
    def long(self, session, organization, manager, consultant):
        """A conversation of 10,000 messages, and 60 others."""
        key = write(session, manager, [consultant], "0")
        common = {"thread_id": key, "organization_id": organization.id, "text_key": ""}
        at = now() - timedelta(days=1)
        rows = [
            {**common, "text": str(n), "at": at, "by_id": manager.id if n % 2 else consultant.id}
            for n in range(10_000)
        ]
        session.execute(insert(Message), rows)
        for number in range(60):
            write(session, manager, [consultant], str(number))
        for number in range(3):
            reply(session, manager, key, str(number))
        return key

    def test_of_a_list_is_five_statements(self, login, consultant, long, statements):
        browser = login(consultant)
        statements.clear()
        assert len(listed(browser.get("/messages/").text)) == 30
        assert len(statements) <= 6, statements

    def test_of_a_search_is_six_statements(self, login, consultant, long, statements):
        browser = login(consultant)
        statements.clear()
        browser.get("/messages/?q=سلام")
        assert len(statements) <= 6, statements

    def test_of_a_conversation_is_ten_statements_with_what_is_marked(
        self, login, consultant, long, statements
    ):
        browser = login(consultant)
        statements.clear()
        assert "۴ پیام تازه" in browser.get(f"/messages/show/{long}").text
        assert len(statements) <= 10, statements


def test_ids_beyond_all_keys_are_not_found(login, manager, consultant):
    browser = login(manager)
    for key in ("999999999999999999", "0", "-1", "x", "1.5"):
        assert browser.get(f"/messages/show/{key}").status_code == 404
        assert browser.post(f"/messages/{key}/answer", data={"text": "x"}).status_code == 404
    assert browser.get("/messages/lookup?q=%00").status_code == 200


def test_a_new_member_of_a_pair_has_no_row_of_others(session, organization, manager, consultant, other):
    """Own rows of a member: those of their conversations, of all who take part."""
    key = write(session, manager, [consultant], "یک")
    write(session, manager, [other], "دو")
    bind(session, Actor(organization.id, consultant.id, own=True))
    members = session.query(ThreadMember).all()
    assert {(each.thread_id, each.member_id) for each in members} == {(key, manager.id), (key, consultant.id)}
