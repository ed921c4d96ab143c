"""Which members are notified of tickets and answers."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.extensions import appbuilder
from models.messages.thread import Thread
from models.notifications.notification import Notification
from tests.day.tickets.steps import EVERYWHERE, FORM, URL


class TestNotifications:
    def received(self, session, person):
        mine = select(Notification).where(Notification.member_id == person.id)
        rows = session.scalars(mine.order_by(Notification.id), execution_options=EVERYWHERE).all()
        return [(row.address, row.count) for row in rows if row.section == "tickets"]

    def test_a_new_ticket_reaches_all_operators(self, session, login, consultant, operator, second, manager):
        login(consultant).post(f"{URL}add", data=FORM)
        key = session.scalar(select(Thread.id), execution_options=EVERYWHERE)

        for person in (operator, second):
            assert self.received(session, person) == [(f"{URL}show/{key}", 1)]
        assert self.received(session, manager) == []
        assert FORM["subject"] in login(operator).get("/notifications/").text

    def test_an_answer_reaches_the_sender(self, session, login, ticket, operator, consultant, colleague):
        login(operator).post(f"{URL}{ticket}/answer", data={"text": "پاسخ"})

        assert self.received(session, consultant) == [(f"{URL}show/{ticket}", 1)]
        assert self.received(session, colleague) == []
        assert "پاسخ تازه به تیکت «خط پیامک»" in login(consultant).get("/notifications/").text

    def test_an_answer_of_the_sender_reaches_who_works_on_it(
        self, session, login, ticket, operator, second, consultant
    ):
        login(operator).post(f"{URL}{ticket}/assign", data={"operator": second.id})
        before = self.received(session, operator)
        login(consultant).post(f"{URL}{ticket}/answer", data={"text": "پیگیری"})

        assert len(self.received(session, second)) > 0
        assert self.received(session, operator) == before

    def test_an_operator_marks_theirs_as_read(self, session, login, ticket, operator):
        browser = login(operator)
        assert browser.post("/notifications/read").status_code in {204, 302}
        unread = select(Notification.id).where(
            Notification.member_id == operator.id, Notification.read_at.is_(None)
        )
        assert session.scalar(unread, execution_options=EVERYWHERE) is None

    @pytest.mark.parametrize("loss", ["switched off", "another role"])
    def test_an_answer_reaches_all_operators_once_the_one_who_had_it_is_gone(
        self, session, login, ticket, operator, second, consultant, loss
    ):
        login(operator).post(f"{URL}{ticket}/assign", data={"operator": operator.id})
        gone = session.merge(operator)
        if loss == "switched off":
            gone.active = False
        else:
            gone.roles = [appbuilder.sm.find_role("Admin")]
        session.commit()
        browser = login(second)
        browser.post("/notifications/read")
        login(consultant).post(f"{URL}{ticket}/answer", data={"text": "کسی هست؟"})

        assert "منتظر" in browser.get("/notifications/?tab=unread").text
        for tab, is_there in (("unassigned", True), ("mine", False), ("open", True)):
            page = browser.get(f"{URL}?tab={tab}").text
            assert (f'data-pk="{ticket}"' in page) is is_there, tab
        assert "/tickets/?tab=unassigned" in browser.get("/dashboard/").text

    def test_a_ticket_of_an_operator_who_works_waits_for_nobody(
        self, session, login, ticket, operator, second, consultant
    ):
        login(operator).post(f"{URL}{ticket}/assign", data={"operator": operator.id})
        before = self.received(session, second)
        login(consultant).post(f"{URL}{ticket}/answer", data={"text": "کسی هست؟"})

        assert self.received(session, second) == before
        assert f'data-pk="{ticket}"' not in login(second).get(f"{URL}?tab=unassigned").text
