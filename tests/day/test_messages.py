"""Messages: whom a member may write to, what an answer does, and how a conversation is closed."""

from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from models.attachment import Attachment
from models.audit.event import AuditEvent
from models.messages.message import Message
from models.messages.thread import Thread, ThreadMember, ThreadStatus
from models.tenancy.scope import Actor, bind
from tests.day.message_steps import HTMX, PDF, reply, shown, stored, texts, thread_of, unread, write
from tests.factories import member


@pytest.fixture
def talk(session, manager, consultant):
    """A conversation of the manager with the consultant."""
    return write(session, manager, [consultant], "سلام، وقت به‌خیر")


class TestANewConversation:
    def test_has_its_members_and_is_unread_by_the_others(
        self, session, login, organization, manager, consultant, colleague
    ):
        data = {"members": [consultant.id, colleague.id], "subject": "گروه فروش", "text": "سلام"}
        answer = login(manager).post("/messages/add", data=data)

        [thread] = stored(session, organization, select(Thread))
        assert answer.headers["Location"] == f"/messages/show/{thread.id}"
        assert (thread.subject, thread.last_text, thread.last_by_id) == ("گروه فروش", "سلام", manager.id)
        counts = {
            each: unread(session, organization, thread.id, each) for each in (manager, consultant, colleague)
        }
        assert counts == {manager: 0, consultant: 1, colleague: 1}

    def test_goes_to_all_active_members_and_to_no_other_one(
        self, session, login, organization, manager, consultant, stranger_organization
    ):
        left = member("Consultant", organization, "left", active=False)
        stranger = member("Consultant", stranger_organization, "stranger")
        admin = member("Admin", None, "root")
        login(manager).post("/messages/add", data={"everybody": "y", "text": "سلام"})

        receivers = set(stored(session, organization, select(ThreadMember.member_id)))
        assert {manager.id, consultant.id} <= receivers
        assert receivers.isdisjoint({left.id, stranger.id, admin.id})

    @pytest.mark.parametrize("whose", ["left", "stranger", "oneself", "nobody", "nonsense"])
    def test_to_somebody_else_is_refused_at_the_field(
        self, session, login, organization, manager, consultant, stranger_organization, whose
    ):
        keys = {
            "left": member("Consultant", organization, "left", active=False).id,
            "stranger": member("Consultant", stranger_organization, "stranger").id,
            "oneself": manager.id,
            "nobody": "",
            "nonsense": "x",
        }
        answer = login(manager).post("/messages/add", data={"members": keys[whose], "text": "بماند"})

        assert answer.status_code == 422
        assert 'id="members-error"' in answer.text
        assert ">بماند</textarea>" in answer.text
        assert stored(session, organization, select(Thread)) == []

    def test_one_of_whose_receivers_is_a_stranger_is_not_stored(
        self, session, login, organization, manager, consultant, stranger_organization
    ):
        stranger = member("Consultant", stranger_organization, "stranger")
        data = {"members": [consultant.id, stranger.id], "text": "سلام"}
        assert login(manager).post("/messages/add", data=data).status_code == 422
        assert stored(session, organization, select(Thread)) == []

    def test_that_is_sent_twice_begins_once(self, session, login, organization, manager, consultant):
        data = {"members": consultant.id, "text": "سلام", "_nonce": "the-same"}
        browser = login(manager)
        first, second = (browser.post("/messages/add", data=data).headers["Location"] for _ in range(2))

        assert first == second
        assert len(stored(session, organization, select(Message))) == 1

    def test_is_offered_to_active_members_alone(
        self, login, organization, manager, consultant, stranger_organization
    ):
        member("Consultant", organization, "left", active=False)
        member("Consultant", stranger_organization, "stranger")
        found = login(manager).get("/messages/lookup?q=").json

        names = {each["text"].rpartition(" ")[2] for each in found}
        assert consultant.last_name in names
        assert names.isdisjoint({"left", "stranger", manager.last_name})


class TestAnAnswer:
    def test_comes_last_and_is_counted_for_the_others(
        self, session, login, organization, manager, consultant, talk
    ):
        page = login(consultant).post(
            f"/messages/{talk}/answer", data={"text": "ممنون\r\nخوبم"}, headers=HTMX
        )

        assert page.status_code == 200
        assert texts(session, organization, talk) == ["سلام، وقت به‌خیر", "ممنون\nخوبم"]
        assert unread(session, organization, talk, manager) == 1
        assert unread(session, organization, talk, consultant) == 0
        assert thread_of(session, organization, talk).last_text == "ممنون خوبم"

    def test_without_scripts_leads_back(self, login, consultant, talk):
        answer = login(consultant).post(f"/messages/{talk}/answer", data={"text": "ممنون"})
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/messages/show/{talk}")

    def test_that_is_sent_twice_is_stored_once(self, session, login, organization, consultant, talk):
        browser, data = login(consultant), {"text": "ممنون", "client_token": str(uuid4())}
        pages = [browser.post(f"/messages/{talk}/answer", data=data, headers=HTMX).text for _ in range(2)]

        assert texts(session, organization, talk)[1:] == ["ممنون"]
        assert shown(pages[0])[-1] == shown(pages[1])[-1]

    def test_by_the_token_of_another_member_is_a_message_of_its_own(
        self, session, login, organization, manager, consultant, talk
    ):
        data = {"text": "ممنون", "client_token": "no uuid"}
        for person in (manager, consultant):
            assert login(person).post(f"/messages/{talk}/answer", data=data, headers=HTMX).status_code == 200
        assert len(texts(session, organization, talk)) == 3

    @pytest.mark.parametrize("length", [5000, 5001])
    def test_has_at_most_5000_characters(self, session, login, organization, consultant, talk, length):
        text = ("الف\n" * 1250 + "ب")[:length]
        sent = text.replace("\n", "\r\n")
        answer = login(consultant).post(f"/messages/{talk}/answer", data={"text": sent}, headers=HTMX)

        assert answer.status_code == (200 if length == 5000 else 422)
        assert len(texts(session, organization, talk)) == (2 if length == 5000 else 1)
        if length > 5000:
            assert "۵٬۰۰۰ نویسه" in answer.text
            assert "الف\nالف" in answer.text

    @pytest.mark.parametrize("text", ["", "  ", "\u200f\u200c"])
    def test_without_text_and_file_is_refused(self, session, login, organization, consultant, talk, text):
        answer = login(consultant).post(f"/messages/{talk}/answer", data={"text": text}, headers=HTMX)
        assert answer.status_code == 422
        assert "answer-error" in answer.text
        assert len(texts(session, organization, talk)) == 1

    @pytest.mark.parametrize("number", [1, 10, 11])
    def test_has_at_most_ten_files(self, session, login, organization, consultant, talk, number):
        files = [(BytesIO(PDF), f"رسید-{each}.pdf") for each in range(number)]
        answer = login(consultant).post(f"/messages/{talk}/answer", data={"files": files}, headers=HTMX)

        assert answer.status_code == (200 if number <= 10 else 422)
        count = stored(session, organization, select(func.count(Attachment.id)))
        assert count == [number if number <= 10 else 0]
        if number > 10:
            assert "حداکثر ۱۰ فایل" in answer.text

    def test_opens_a_closed_conversation(self, session, login, organization, manager, consultant, talk):
        login(manager).post(f"/messages/{talk}/close")
        assert thread_of(session, organization, talk).status is ThreadStatus.CLOSED

        login(consultant).post(f"/messages/{talk}/answer", data={"text": "یک چیز دیگر"}, headers=HTMX)

        thread = thread_of(session, organization, talk)
        assert (thread.status, thread.closed_at, thread.closed_by_id) == (ThreadStatus.OPEN, None, None)

    def test_to_a_conversation_whose_others_are_switched_off_is_refused(
        self, session, login, organization, manager, consultant, talk
    ):
        consultant.active = False
        session.commit()
        browser = login(manager)
        page = browser.get(f"/messages/show/{talk}").text
        assert "عضو فعال دیگری در این گفتگو نمانده است." in page
        assert consultant.full_name in page
        assert 'class="composer"' not in page

        answer = browser.post(f"/messages/{talk}/answer", data={"text": "هستید؟"}, headers=HTMX)
        assert answer.status_code == 422
        assert len(texts(session, organization, talk)) == 1


class TestClosing:
    def test_says_who_closed_it_and_is_undone(self, session, login, organization, manager, consultant, talk):
        answer = login(manager).post(f"/messages/{talk}/close", headers=HTMX)
        assert answer.headers["HX-Redirect"] == f"/messages/show/{talk}"

        page = login(consultant).get(f"/messages/show/{talk}").text
        assert f"این گفتگو را {manager.full_name} بست." in page
        assert 'class="composer"' not in page

        login(consultant).post(f"/messages/{talk}/reopen", headers=HTMX)
        thread = thread_of(session, organization, talk)
        assert (thread.status, thread.closed_by_id) == (ThreadStatus.OPEN, None)

    def test_of_two_at_once_changes_nothing_the_second_time(
        self, session, login, organization, manager, consultant, talk
    ):
        login(manager).post(f"/messages/{talk}/close")
        before = thread_of(session, organization, talk).row_version

        login(consultant).post(f"/messages/{talk}/close")

        assert thread_of(session, organization, talk).row_version == before
        assert thread_of(session, organization, talk).closed_by_id == manager.id


class TestTheTrail:
    def test_says_that_a_message_was_sent_and_never_what(
        self, session, login, organization, manager, consultant
    ):
        data = {"members": consultant.id, "subject": "موضوعِ پنهان", "text": "متنِ پنهان"}
        data["files"] = (BytesIO(PDF), "نامِ‌پنهان.pdf")
        browser = login(manager)
        key = browser.post("/messages/add", data=data).headers["Location"].rpartition("/")[2]
        browser.post(f"/messages/{key}/close")
        browser.post(f"/messages/{key}/reopen")
        login(consultant).get(f"/messages/show/{key}")

        bind(session, Actor(organization.id, manager.id))
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        told = [
            (each.action, each.object_type) for each in events if each.object_type in {"Message", "Thread"}
        ]
        assert told == [("send", "Message"), ("close", "Thread"), ("reopen", "Thread")]
        assert all("پنهان" not in f"{each.before}{each.after}" for each in events)
        page = browser.get("/audit/").text
        assert "فرستادن پیام" in page
        assert "پنهان" not in page


def test_a_member_of_no_role_of_the_panel_writes_too(session, login, organization, manager, consultant, talk):
    """Messages need no right: a member whose role has none reads and answers."""
    assert reply(session, consultant, talk) in shown(login(manager).get(f"/messages/show/{talk}").text)
