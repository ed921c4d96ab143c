"""Tickets as the support works on them: the queue, answers, assignment, urgency."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.services.ticket.notes import note_on
from app.services.ticket.open import Question, open_ticket
from app.services.ticket.work import answer_ticket, assign_ticket, close_ticket
from models.audit.event import AuditEvent
from models.messages.thread import Thread, ThreadMember, ThreadStatus
from tests.day.tickets.steps import EVERYWHERE, FORM, URL, page, stored
from tests.factories import member


class TestOperator:
    def test_sees_the_queue_of_all_organisations(self, login, ticket, foreign, operator):
        queue = login(operator).get(URL).text

        assert "خط پیامک" in queue
        assert "پرسش بیگانه" in queue
        assert "canaryticket" in page(login(operator), ticket).text

    def test_the_first_page_leads_to_the_queue(self, login, operator):
        browser = login(operator)
        assert browser.get("/").location == "/dashboard/"
        assert f'href="{URL}' in browser.get("/dashboard/").text

    def test_assigns_and_takes_it_back(self, session, login, ticket, foreign, operator, second):
        browser = login(operator)
        browser.post(f"{URL}{ticket}/assign", data={"operator": operator.id})
        assert stored(session, ticket).assigned_to_id == operator.id
        assert "خط پیامک" in browser.get(f"{URL}?tab=mine").text
        assert "خط پیامک" not in browser.get(f"{URL}?tab=unassigned").text
        assert "پرسش بیگانه" in browser.get(f"{URL}?tab=unassigned").text

        browser.post(f"{URL}{ticket}/assign", data={"operator": second.id})
        assert stored(session, ticket).assigned_to_id == second.id
        browser.post(f"{URL}{ticket}/assign?operator=0")
        assert stored(session, ticket).assigned_to_id is None

    def test_gives_it_to_no_member_of_an_organisation(self, session, login, ticket, operator, manager):
        off = member("Operator", None, "off", active=False)
        for key in (manager.id, off.id, 999_999):
            login(operator).post(f"{URL}{ticket}/assign", data={"operator": key})
            assert stored(session, ticket).assigned_to_id is None

    @pytest.mark.parametrize("key", ["x", "-1", "9" * 40])
    def test_an_unreadable_operator_takes_nobody_off(self, session, login, ticket, operator, key):
        browser = login(operator)
        browser.post(f"{URL}{ticket}/assign", data={"operator": operator.id})
        browser.post(f"{URL}{ticket}/assign", data={"operator": key})

        assert stored(session, ticket).assigned_to_id == operator.id
        assert "یکی از فهرست را انتخاب کنید." in browser.get(f"{URL}show/{ticket}").text

    def test_answers_and_the_first_answer_has_its_time(self, session, login, ticket, operator, consultant):
        browser = login(operator)
        assert browser.post(f"{URL}{ticket}/answer", data={"text": "خط دوباره فعال شد."}).status_code == 302
        first = stored(session, ticket).first_answer_at
        assert first is not None
        browser.post(f"{URL}{ticket}/answer", data={"text": "باز هم خبر بدهید."})

        assert stored(session, ticket).first_answer_at == first
        shown = page(login(consultant), ticket).text
        assert "خط دوباره فعال شد." in shown
        assert "نخستین پاسخ" not in shown
        assert "نخستین پاسخ" in page(browser, ticket).text

    def test_the_senders_own_word_is_no_first_answer(self, session, login, ticket, consultant):
        login(consultant).post(f"{URL}{ticket}/answer", data={"text": "هنوز نه"})

        assert stored(session, ticket).first_answer_at is None

    def test_closes_and_an_answer_opens_it_again(self, session, login, ticket, operator, consultant):
        browser = login(operator)
        browser.post(f"{URL}{ticket}/close")
        row = stored(session, ticket)
        assert row.status is ThreadStatus.CLOSED
        assert row.solved_at == row.closed_at
        assert "خط پیامک" in browser.get(f"{URL}?tab=closed").text
        assert "خط پیامک" not in browser.get(URL).text

        login(consultant).post(f"{URL}{ticket}/answer", data={"text": "باز قطع شد"})
        row = stored(session, ticket)
        assert (row.status, row.solved_at) == (ThreadStatus.OPEN, None)
        browser.post(f"{URL}{ticket}/close")
        browser.post(f"{URL}{ticket}/reopen")
        assert stored(session, ticket).solved_at is None

    def test_urgency_filters_the_queue(self, login, ticket, operator, consultant):
        login(consultant).post(f"{URL}add", data=FORM)
        queue = login(operator).get(f"{URL}?f_urgency=high").text

        assert FORM["subject"] in queue
        assert "وصل نمی‌شود" in queue
        assert queue.count("data-pk=") == 1

    def test_writes_to_the_managers_of_an_organisation(self, session, login, operator, manager, consultant):
        form = FORM | {"receiver": manager.organization_id}
        answer = login(operator).post(f"{URL}add", data=form)

        assert answer.status_code == 302
        assert FORM["text"] in login(manager).get(answer.location).text
        assert login(consultant).get(answer.location).status_code == 404
        row = session.scalars(select(Thread), execution_options=EVERYWHERE).one()
        assert (row.organization_id, row.assigned_to_id) == (manager.organization_id, operator.id)

    @pytest.mark.parametrize("value", ["", "0", "999999", "x"])
    def test_needs_an_organisation_to_write_to(self, session, login, operator, value):
        assert login(operator).post(f"{URL}add", data=FORM | {"receiver": value}).status_code == 422

    def test_a_member_chooses_no_organisation(self, session, login, consultant, stranger_organization):
        login(consultant).post(f"{URL}add", data=FORM | {"receiver": stranger_organization.id})

        row = session.scalars(select(Thread), execution_options=EVERYWHERE).one()
        assert row.organization_id == consultant.organization_id
        assert stranger_organization.name not in login(consultant).get(f"{URL}add").text

    def test_each_act_is_in_the_trail_of_the_organisation(self, session, login, ticket, operator, manager):
        browser = login(operator)
        for act, data in (
            ("assign", {"operator": operator.id}),
            ("answer", {"text": "پاسخ"}),
            ("note", {"note": "یادداشت پنهان"}),
            ("close", {}),
        ):
            browser.post(f"{URL}{ticket}/{act}", data=data)

        of_operator = select(AuditEvent).where(AuditEvent.actor_id == operator.id)
        events = session.scalars(of_operator.order_by(AuditEvent.id), execution_options=EVERYWHERE).all()
        assert [event.action for event in events] == ["assign", "send", "note", "close"]
        assert {event.organization_id for event in events} == {manager.organization_id}
        assert "پنهان" not in str([(event.before, event.after) for event in events])


class TestStatements:
    @pytest.mark.parametrize("number", [1, 30])
    def test_the_queue_and_a_ticket_cost_few(
        self, session, acting, login, consultant, operator, second, statements, number
    ):
        acting(consultant)
        for turn in range(number):
            ticket = open_ticket(Question(f"پرسش {turn}", "متن"))
            answer_ticket(ticket, "باز هم")
        key = ticket.id
        session.commit()
        acting(second)
        for turn in range(number):
            note_on(session.get(Thread, key), f"یادداشت {turn}")
        assign_ticket(session.get(Thread, key), operator.id)
        close_ticket(session.get(Thread, key))
        session.commit()
        acting(consultant)
        answer_ticket(session.get(Thread, key), "تازه")
        session.commit()
        browser = login(operator)
        browser.get(URL)
        statements.clear()
        browser.get(URL)
        assert len(statements) <= 6
        # With a message that is read by this, and without one.
        for _ in range(2):
            statements.clear()
            assert "یادداشت 0" in page(browser, key).text
            assert len(statements) <= 10


def test_two_operators_assign_at_once_and_the_last_holds(session, acting, ticket, operator, second):
    acting(operator)
    row = session.get(Thread, ticket)
    assert assign_ticket(row, operator.id) is None
    assert assign_ticket(row, operator.id) == operator.id
    assert assign_ticket(row, second.id) == operator.id
    taking_part = select(ThreadMember.member_id).where(ThreadMember.thread_id == ticket)
    assert {operator.id, second.id} < set(session.scalars(taking_part))
