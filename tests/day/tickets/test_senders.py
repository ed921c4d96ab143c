"""Tickets of members: who opens, reads and writes them."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from sqlalchemy import select

from models.messages.message import Message
from models.messages.thread import Thread, ThreadStatus, Urgency
from tests.day.tickets.steps import EVERYWHERE, FORM, URL, page, stored
from tests.factories import member
from tests.support.attached import PDF


class TestSender:
    @pytest.mark.parametrize("role", ["Consultant", "SupportAgent", "Manager"])
    def test_opens_a_ticket_and_reads_it(self, session, login, manager, acting, role):
        sender = member(role, manager.organization, f"sender-{role}")
        browser = login(sender)
        answer = browser.post(f"{URL}add", data=FORM)

        assert answer.status_code == 302
        shown = browser.get(answer.location).text
        assert FORM["subject"] in shown
        assert FORM["text"] in shown
        row = session.scalars(
            select(Thread).where(Thread.subject == FORM["subject"]), execution_options=EVERYWHERE
        ).one()
        assert (row.urgency, row.created_by_id, row.about) == (Urgency.HIGH, sender.id, None)
        assert FORM["subject"] in browser.get(URL).text

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("subject", " "),
            ("subject", "م" * 161),
            ("text", ""),
            ("text", "م" * 5001),
            ("urgency", "never"),
            ("code", "x" * 41),
        ],
    )
    def test_a_wrong_value_is_refused_at_its_field(self, session, login, consultant, name, value):
        answer = login(consultant).post(f"{URL}add", data=FORM | {name: value})

        assert answer.status_code == 422
        assert f'id="{name}-error"' in answer.text
        assert session.scalar(select(Thread.id), execution_options=EVERYWHERE) is None

    @pytest.mark.parametrize(("count", "status"), [(10, 302), (11, 422)])
    def test_has_at_most_as_many_files_as_a_message(self, session, login, consultant, count, status):
        files = [(BytesIO(PDF), f"{number}.pdf") for number in range(count)]
        answer = login(consultant).post(f"{URL}add", data=FORM | {"files": files})

        assert answer.status_code == status
        assert ("هر پیام حداکثر ۱۰ فایل دارد" in answer.text) is (status == 422)
        found = session.scalars(select(Thread.id), execution_options=EVERYWHERE).all()
        assert len(found) == (status == 302)
        assert "حداکثر ۱۰ فایل" in login(consultant).get(f"{URL}add").text

    def test_what_it_is_about_is_added_only_when_ticked(self, session, login, consultant):
        browser = login(consultant)
        about = {"page": "/customers/?q=x", "code": "req-1"}
        agent = {"User-Agent": "Firefox of the test"}
        asked = browser.get(
            f"{URL}add?code=req-1", headers={"Referer": "http://localhost/customers/", **agent}
        )
        assert "/customers/" in asked.text
        assert "req-1" in asked.text

        browser.post(f"{URL}add", data=FORM | about, headers=agent)
        ticked = about | {"send_page": "y", "send_browser": "y", "subject": "دومی"}
        browser.post(f"{URL}add", data=FORM | ticked, headers=agent)

        rows = session.scalars(select(Thread).order_by(Thread.id), execution_options=EVERYWHERE).all()
        assert rows[0].about == {"request": "req-1"}
        assert rows[1].about == {
            "page": "/customers/?q=x",
            "browser": "Firefox of the test",
            "request": "req-1",
        }

    @pytest.mark.parametrize("address", ["http://evil.example/x", "//evil.example", "javascript:x", "x" * 9])
    def test_an_address_outside_the_panel_is_not_taken(self, session, login, consultant, address):
        login(consultant).post(f"{URL}add", data=FORM | {"page": address, "send_page": "y"})

        assert session.scalar(select(Thread.about), execution_options=EVERYWHERE) is None

    def test_a_form_that_is_sent_twice_opens_one_ticket(self, session, login, consultant):
        browser = login(consultant)
        nonce = re.search(r'name="_nonce" value="([^"]+)"', browser.get(f"{URL}add").text)[1]
        for _turn in range(2):
            assert browser.post(f"{URL}add", data=FORM | {"_nonce": nonce}).status_code == 302

        assert len(session.scalars(select(Thread.id), execution_options=EVERYWHERE).all()) == 1

    def test_adds_a_file_that_the_support_opens(self, session, login, consultant, colleague, operator):
        files = {"files": (BytesIO(PDF), "رسید.pdf")}
        shown = login(consultant).post(f"{URL}add", data=FORM | files).location
        link = re.search(r'href="(/tickets/\d+/files/[^"]+)"', login(consultant).get(shown).text)[1]

        for person in (operator, consultant):
            with login(person).get(link) as answer:
                assert answer.data == PDF
        assert login(colleague).get(link).status_code == 404


class TestReaders:
    @pytest.fixture
    def others(self, manager, stranger_organization):
        """A support agent of the organisation, and the manager of another one."""
        agent = member("SupportAgent", manager.organization, "agent")
        return agent, member("Manager", stranger_organization, "foreign")

    def test_a_colleague_and_a_stranger_do_not_find_it(self, login, others, ticket, colleague):
        for person in (colleague, *others):
            browser = login(person)
            assert "خط پیامک" not in browser.get(URL).text
            assert page(browser, ticket).status_code == 404
            for act in ("answer", "close", "reopen"):
                assert browser.post(f"{URL}{ticket}/{act}", data={"text": "x"}).status_code == 404

    def test_a_manager_reads_it_and_does_not_write(self, session, login, ticket, manager):
        browser = login(manager)
        shown = page(browser, ticket)
        assert "canaryticket" in shown.text
        assert "composer" not in shown.text
        assert "خط پیامک" in browser.get(URL).text
        for act in ("answer", "close", "reopen"):
            assert browser.post(f"{URL}{ticket}/{act}", data={"text": "x"}).status_code == 404
        assert stored(session, ticket).status is ThreadStatus.OPEN

    def test_a_manager_reads_no_message_of_others(self, session, acting, login, private, manager):
        acting(manager)
        assert session.get(Thread, private, populate_existing=True) is None
        assert session.scalars(select(Message)).all() == []
        assert page(login(manager), private).status_code == 404
        assert login(manager).get(f"/messages/show/{private}").status_code == 404

    @pytest.mark.parametrize("path", ["assign", "note"])
    def test_members_have_no_tools_of_the_support(self, login, ticket, consultant, manager, path):
        for person in (consultant, manager):
            answer = login(person).post(f"{URL}{ticket}/{path}", data={"note": "x", "operator": "1"})
            assert answer.status_code == 403
