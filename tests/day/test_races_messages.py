"""Members who write, read and close at once: no message is lost, doubled or counted wrongly."""

from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.services.message.send import start
from models.member import Member
from models.messages.message import Message
from models.messages.thread import Thread, ThreadMember, ThreadStatus
from models.notifications.notification import Notification
from models.tenancy.scope import whole_organization
from tests.support.racing import at_once

pytestmark = pytest.mark.postgresql

ROUNDS = 5
HTMX = {"HX-Request": "true"}
NAMES = ("nasrin", "parviz", "sara")


@pytest.fixture
def people(arena):
    return {name: arena.member("Manager" if name == "nasrin" else "Consultant", name) for name in NAMES}


@pytest.fixture
def browsers(arena, people):
    return {name: arena.browser(name) for name in NAMES}


@pytest.fixture
def talk(arena, people):
    with arena.actor(people["nasrin"]) as session:
        receivers = [session.get_one(Member, people[name]) for name in NAMES[1:]]
        return start(receivers, "سلام").thread_id


def every(arena, statement):
    with arena.actor() as session, whole_organization(session):
        return session.execute(statement).all()


def post(browser, talk, text, token=None):
    data = {"text": text, "client_token": str(token or uuid4())}
    return browser.post(f"/messages/{talk}/answer", data=data, headers=HTMX)


def test_messages_of_two_at_once_are_both_counted(arena, people, browsers, talk):
    for number in range(ROUNDS):
        answers = at_once(
            partial(post, browsers["nasrin"], talk, f"n{number}"),
            partial(post, browsers["parviz"], talk, f"p{number}"),
        )
        assert [each.status_code for each in answers] == [200, 200]

    counts = dict(every(arena, select(ThreadMember.member_id, ThreadMember.unread)))
    # Each of the two has read what had come before their own answers.
    assert counts[people["sara"]] == 1 + 2 * ROUNDS
    kept = every(arena, select(Notification.count).where(Notification.member_id == people["sara"]))
    assert kept == [(1 + 2 * ROUNDS,)]
    ids = [key for (key,) in every(arena, select(Message.id).order_by(Message.at, Message.id))]
    assert ids == sorted(ids)


def test_one_message_that_is_sent_eight_times_at_once_is_stored_once(arena, browsers, talk):
    for number in range(ROUNDS):
        token = uuid4()
        clicks = [arena.same_browser(browsers["sara"]) for _ in range(8)]
        answers = at_once(*(partial(post, each, talk, f"s{number}", token) for each in clicks))
        assert {each.status_code for each in answers} == {200}
    assert every(arena, select(func.count(Message.id))) == [(1 + ROUNDS,)]


def test_a_message_that_comes_while_another_reads_is_shown_or_counted(arena, people, browsers, talk):
    for number in range(ROUNDS * 2):
        page, _sent = at_once(
            partial(browsers["sara"].get, f"/messages/show/{talk}"),
            partial(post, browsers["parviz"], talk, f"x{number}"),
        )
        [(count,)] = every(arena, select(ThreadMember.unread).where(ThreadMember.member_id == people["sara"]))
        is_shown = f">x{number}</p>" in page.text
        assert count == (0 if is_shown else 1)


def test_an_answer_and_a_closing_at_once_leave_one_state(arena, people, browsers, talk):
    for number in range(ROUNDS):
        answers = at_once(
            partial(browsers["nasrin"].post, f"/messages/{talk}/close", headers=HTMX),
            partial(post, browsers["parviz"], talk, f"x{number}"),
        )
        assert [each.status_code for each in answers] == [204, 200]
        [(status, closed_by)] = every(arena, select(Thread.status, Thread.closed_by_id))
        assert (status, closed_by) in {(ThreadStatus.OPEN, None), (ThreadStatus.CLOSED, people["nasrin"])}
