"""Operators who take part in a ticket at once: each is a member of it once, and no answer is lost or doubled."""

from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.services.ticket.open import Question, open_ticket
from models.messages.message import Message
from models.messages.thread import ThreadMember
from models.tenancy.scope import whole_organization
from tests.day.tickets.steps import URL
from tests.notifications.steps import HTMX
from tests.support.racing import at_once

pytestmark = pytest.mark.postgresql

ROUNDS = 5


@pytest.fixture
def operator(arena):
    return arena.operator("parvin")


@pytest.fixture
def tickets(arena):
    """A function that opens a ticket of a consultant, and returns its key."""
    sender = arena.member("Consultant", "sara")

    def opened():
        with arena.actor(sender):
            return open_ticket(Question("خط پیامک", "وصل نمی‌شود")).id

    return opened


def every(arena, statement):
    with arena.actor() as session, whole_organization(session):
        return session.execute(statement).all()


def answer(browser, ticket, token):
    data = {"text": "بررسی می‌کنیم", "client_token": str(token)}
    return browser.post(f"{URL}{ticket}/answer", data=data, headers=HTMX).status_code


@pytest.mark.parametrize("clicks", ["one form", "two pages"])
def test_a_first_answer_that_is_sent_several_times_at_once(arena, operator, tickets, clicks):
    browser = arena.browser("parvin")
    for _ in range(ROUNDS):
        ticket, token = tickets(), uuid4()
        sent = [token if clicks == "one form" else uuid4() for _ in range(4)]

        codes = at_once(*(partial(answer, arena.same_browser(browser), ticket, each) for each in sent))

        assert codes == [200] * 4
        of_ticket = ThreadMember.thread_id == ticket
        rows = every(arena, select(ThreadMember.id).where(of_ticket, ThreadMember.member_id == operator))
        assert len(rows) == 1
        stored = every(arena, select(func.count(Message.id)).where(Message.thread_id == ticket))
        assert stored == [(1 + len(set(sent)),)]
