"""Hostile texts, files, dates and choices at the inputs of messages and tickets."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from sqlalchemy import func, select

from app.services.ticket.open import Question, open_ticket
from models.attachment import Attachment
from models.messages.message import Message
from models.messages.note import TicketNote
from models.messages.thread import Thread
from models.tenancy.scope import Actor, bind
from tests.account.hostile_steps import CASES, FREE, texts
from tests.day.message_steps import HTMX, write
from tests.factories import member

EVERYWHERE = {"unscoped": True}
# Longer than any form, after those of the other groups.
LONGEST = {"T27": "الف" * 400_000}
SMS = texts("SMS text, templates and variables")
DATES = [case["value"] for case in CASES if case["group"] == "Jalali dates and times"]
JUNK = ("", "0", "-1", "9" * 30, "null", "<b>", "' OR 1=1 --", "تکرار", "%00")
each_text = pytest.mark.parametrize("text", [*FREE.values(), *LONGEST.values()], ids=[*FREE, *LONGEST])
FILES = {
    "a program named as a document": ("نامه.pdf", b"MZ\x90\x00" + b"\0" * 60),
    "a page named as a picture": ("عکس.png", b"<html><script>alert(1)</script>"),
    "a drawing with a script": ("نشان.svg", b"<svg onload='alert(1)'/>"),
    "a page": ("صفحه.html", b"<script>alert(1)</script>"),
    "an empty file": ("خالی.pdf", b""),
}
each_file = pytest.mark.parametrize(("name", "data"), FILES.values(), ids=FILES.keys())


@pytest.fixture
def talk(session, manager, consultant):
    return write(session, manager, [consultant])


@pytest.fixture
def ticket(session, organization, consultant):
    bind(session, Actor(organization.id, consultant.id))
    opened = open_ticket(Question("خط پیامک", "وصل نمی‌شود"))
    session.commit()
    return opened.id


def count(session, model):
    return session.scalar(select(func.count()).select_from(model), execution_options=EVERYWHERE)


def judge(session, answer, model, before):
    """Either one row more, or a refusal that stores none; never a crash, and no markup of the text on the page."""
    assert answer.status_code in {200, 204, 302, 400, 413, 422}
    stored = count(session, model) - before
    trigger = json.loads(answer.headers.get("HX-Trigger", "{}"))
    is_refused = answer.status_code in {400, 413, 422} or trigger.get("toast", {}).get("level") == "danger"
    assert stored == (0 if is_refused else 1)
    for markup in ("<script>alert", "<img src=x", "onerror=alert(1)>", "\u202e</"):
        assert markup not in answer.text


class TestTexts:
    @each_text
    def test_in_an_answer(self, session, login, consultant, talk, text):
        before = count(session, Message)
        answer = login(consultant).post(f"/messages/{talk}/answer", data={"text": text}, headers=HTMX)
        judge(session, answer, Message, before)

    @each_text
    @pytest.mark.parametrize("name", ["subject", "text"])
    def test_in_a_new_conversation(self, session, login, manager, consultant, name, text):
        before = count(session, Thread)
        data = {"members": str(consultant.id), "subject": "یک", "text": "سلام"} | {name: text}
        judge(session, login(manager).post("/messages/add", data=data), Thread, before)

    @each_text
    @pytest.mark.parametrize("name", ["subject", "text"])
    def test_in_a_ticket(self, session, login, consultant, name, text):
        before = count(session, Thread)
        data = {"subject": "یک", "urgency": "normal", "text": "سلام"} | {name: text}
        judge(session, login(consultant).post("/tickets/add", data=data), Thread, before)

    @each_text
    def test_in_an_internal_note(self, session, login, ticket, text):
        before = count(session, TicketNote)
        operator = login(member("Operator", None, "operator"))
        answer = operator.post(f"/tickets/{ticket}/note", data={"note": text, "text": text}, headers=HTMX)
        judge(session, answer, TicketNote, before)


class TestTextsOfMessages:
    """Group S: what is a variable or a page of an SMS is plain text here."""

    def test_in_an_answer_are_stored_as_they_are(self, session, login, consultant, talk):
        client = login(consultant)
        for text in SMS.values():
            before = count(session, Message)
            answer = client.post(f"/messages/{talk}/answer", data={"text": text}, headers=HTMX)
            judge(session, answer, Message, before)

    @pytest.mark.parametrize("name", ["subject", "text"])
    def test_in_a_ticket(self, session, login, consultant, name):
        client = login(consultant)
        for text in SMS.values():
            before = count(session, Thread)
            data = {"subject": "یک", "urgency": "normal", "text": "سلام"} | {name: text}
            judge(session, client.post("/tickets/add", data=data), Thread, before)

    def test_find_nothing_of_strangers(self, session, login, manager, consultant, colleague, talk):
        write(session, manager, [colleague], text="سخن پنهان")
        client = login(consultant)
        for text in SMS.values():
            answer = client.get("/messages/", query_string={"q": text[:500]})
            assert answer.status_code == 200
            assert "سخن پنهان" not in answer.text


class TestDates:
    """Group D, at the filters of tickets: a consultant never gets a colleague's."""

    def test_in_filters(self, session, login, organization, consultant, colleague, ticket):
        bind(session, Actor(organization.id, colleague.id))
        open_ticket(Question("پرسش پنهان", "از همکار"))
        session.commit()
        bind(session, Actor(organization.id, consultant.id))
        client = login(consultant)
        for value in DATES:
            span = {"f_created_at_from": value, "f_created_at_to": value}
            answer = client.get("/tickets/", query_string={"tab": "all", **span})
            assert answer.status_code == 200
            assert "پرسش پنهان" not in answer.text


class TestChoices:
    def test_of_the_urgency_are_known_ones(self, session, login, consultant):
        client = login(consultant)
        for junk in JUNK:
            before = count(session, Thread)
            answer = client.post("/tickets/add", data={"subject": "یک", "text": "سلام", "urgency": junk})
            judge(session, answer, Thread, before)
            assert answer.status_code == 422 or not junk

    def test_of_the_receivers_are_known_ones(self, session, login, manager, stranger_organization):
        stranger = member("Consultant", stranger_organization)
        session.commit()
        client = login(manager)
        for junk in (*JUNK, str(stranger.id), str(manager.id)):
            before = count(session, Thread)
            answer = client.post("/messages/add", data={"members": junk, "subject": "یک", "text": "سلام"})
            assert (answer.status_code, count(session, Thread)) == (422, before)


class TestFiles:
    @each_file
    @pytest.mark.parametrize("kind", ["messages", "tickets"])
    def test_are_refused_at_the_field(self, session, login, consultant, talk, ticket, kind, name, data):
        key = {"messages": talk, "tickets": ticket}[kind]
        before = count(session, Message), count(session, Attachment)
        sent = {"text": "پیوست", "files": (BytesIO(data), name)}

        answer = login(consultant).post(f"/{kind}/{key}/answer", data=sent, headers=HTMX)

        assert answer.status_code == 422
        assert "پیوست" in answer.text
        assert (count(session, Message), count(session, Attachment)) == before

    def test_have_a_name_without_a_path(self, session, login, consultant, talk):
        sent = {"text": "پیوست", "files": (BytesIO("یک متن".encode()), "../../etc/نامه.txt")}

        answer = login(consultant).post(f"/messages/{talk}/answer", data=sent, headers=HTMX)

        assert answer.status_code == 200
        names = session.scalars(select(Attachment.original_name), execution_options=EVERYWHERE)
        [stored] = [name for name in names if name.endswith("نامه.txt")]
        assert not {"/", "\\"} & set(stored)
        assert ".." not in stored
