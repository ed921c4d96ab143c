"""Acts of the support on many tickets, and the report of an error page."""

import re

import pytest
from flask import abort
from sqlalchemy import select

from app.lib import clock
from app.services.ticket.open import Question, open_ticket
from models.audit.event import AuditEvent
from models.job import BulkJob
from models.messages.thread import Thread, ThreadKind, ThreadStatus
from models.tenancy.scope import Actor, bind
from tests.day.tickets.steps import URL, bulk, toast
from tests.factories import member

EVERYWHERE = {"unscoped": True, "populate_existing": True}


def stored(session, keys):
    found = session.scalars(
        select(Thread).where(Thread.id.in_(keys)).order_by(Thread.id), execution_options=EVERYWHERE
    )
    return [(row.status, row.assigned_to_id) for row in found]


class TestManyTickets:
    def test_are_closed_in_their_organisations(self, session, login, operator, consultant, tickets):
        answer = bulk(login(operator), "close_many", tickets[1:])

        assert answer.status_code == 204, answer.text
        states = [state for state, _operator in stored(session, tickets)]
        assert states == [ThreadStatus.OPEN, ThreadStatus.CLOSED, ThreadStatus.CLOSED]
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.actor_id == operator.id), execution_options=EVERYWHERE
        ).all()
        assert {(each.action, each.object_id) for each in events} == {
            ("close", tickets[1]),
            ("close", tickets[2]),
        }
        # An organisation reads nothing of the tickets of another one.
        assert len({each.organization_id for each in events}) == 2
        assert all(not each.after or "@rows" not in each.after for each in events)

    def test_a_closed_one_is_named_and_the_others_are_closed(self, session, login, operator, tickets):
        client = login(operator)
        bulk(client, "close_many", tickets[:1])

        assert "«یک»" in toast(bulk(client, "close_many", tickets))["text"]
        assert {state for state, _operator in stored(session, tickets)} == {ThreadStatus.CLOSED}
        assert toast(bulk(client, "close_many", tickets))["level"] == "danger"

    def test_are_assigned_and_taken_back(self, session, login, operator, second, tickets):
        client = login(operator)
        dialog = bulk(client, "assign_many", tickets, _step="")
        assert f'value="{second.id}"' in dialog.text
        assert toast(bulk(client, "assign_many", tickets[:1], operator=second.id))["text"].startswith(
            "رسیدگی‌کنندهٔ 1 "
        )
        # The first one has this operator already.
        assert toast(bulk(client, "assign_many", tickets, operator=second.id))["text"].startswith(
            "رسیدگی‌کنندهٔ 2 "
        )
        assert [key for _state, key in stored(session, tickets)] == [second.id] * 3

        bulk(client, "assign_many", tickets[1:], operator="0")
        assert [key for _state, key in stored(session, tickets)] == [second.id, None, None]

    def test_are_given_to_operators_alone(self, session, login, operator, manager, tickets):
        off = member("Operator", None, "off", active=False)
        for key in (manager.id, off.id, "x", ""):
            assert bulk(login(operator), "assign_many", tickets, operator=key).status_code == 422
        assert [key for _state, key in stored(session, tickets)] == [None] * 3

    def test_all_that_match_are_closed(self, session, login, operator, tickets):
        sent = {"_all": "1", "_query": "tab=open&q=یک", "rowid": []}
        assert bulk(login(operator), "close_many", [], **sent).status_code == 204
        assert [state is ThreadStatus.CLOSED for state, _operator in stored(session, tickets)] == [
            True,
            False,
            False,
        ]

    def test_more_than_two_hundred_are_refused_in_words(
        self, session, login, organization, operator, consultant, tickets
    ):
        bind(session, Actor(organization.id, consultant.id))
        for number in range(200):
            open_ticket(Question(f"پرسش {number}", "متن"))
        session.commit()
        answer = bulk(login(operator), "close_many", [], _all="1", _query="tab=open")

        assert toast(answer)["level"] == "danger"
        assert "۲۰۰" in toast(answer)["text"]
        assert session.scalar(select(BulkJob.id), execution_options=EVERYWHERE) is None
        assert {state for state, _operator in stored(session, tickets)} == {ThreadStatus.OPEN}

    def test_members_and_managers_may_not(self, session, login, consultant, manager, operator, tickets):
        for person in (consultant, manager):
            client = login(person)
            for action in ("close_many", "assign_many"):
                assert bulk(client, action, tickets[:1], operator=operator.id).status_code == 403
                single = client.post(f"{URL}action/{action}/{tickets[0]}", data={"_step": "run"})
                assert single.status_code == 403
            assert "close_many" not in client.get(URL).text
        assert stored(session, tickets) == [(ThreadStatus.OPEN, None)] * 3
        assert "close_many" in login(operator).get(URL).text

    def test_a_conversation_is_no_ticket(self, session, login, organization, consultant, operator):
        bind(session, Actor(organization.id, consultant.id))
        thread = Thread(kind=ThreadKind.INTERNAL, last_message_at=clock.now())
        session.add(thread)
        session.commit()

        assert bulk(login(operator), "close_many", [thread.id]).status_code == 404


class TestReport:
    @pytest.fixture
    def failing(self, monkeypatch):
        def fail(code):
            monkeypatch.setattr("app.panel.lists.routes.list_page", lambda *_args, **_more: abort(code))

        return fail

    def report_in(self, page):
        found = re.search(r'href="(/tickets/add\?code=[^"]+)"', page.text)
        return found and found[1]

    @pytest.mark.parametrize("code", [403, 404, 500])
    def test_an_error_page_leads_to_the_form_with_its_code(self, login, manager, failing, code):
        failing(code)
        browser = login(manager)
        page = browser.get("/products/?tab=x", headers={"X-Request-ID": "canarycode"})
        assert page.status_code == code
        assert self.report_in(page) == "/tickets/add?code=canarycode"

        form = browser.get(self.report_in(page), headers={"Referer": "http://localhost/products/?tab=x"}).text
        assert 'value="canarycode"' in form
        assert re.search(r'name="page"[^>]*value="/products/\?tab=x"', form)
        # Nothing is sent that the member does not tick.
        assert "checked" not in form.partition('name="send_page"')[2].partition(">")[0]

    @pytest.mark.parametrize("code", [400, 409, 429, 503])
    def test_other_pages_do_not(self, login, manager, failing, code):
        failing(code)
        assert self.report_in(login(manager).get("/products/")) is None

    def test_an_unknown_address_does_and_a_stranger_gets_nothing(self, app, login, consultant, operator):
        assert self.report_in(login(consultant).get("/no/such/page")) is not None
        assert self.report_in(login(operator).get("/no/such/page")) is None
        assert self.report_in(app.test_client().get("/no/such/page")) is None

    def test_who_may_open_no_ticket_gets_nothing(self, session, login, consultant, failing):
        consultant.roles = []
        session.commit()
        assert self.report_in(login(consultant).get("/no/such/page")) is None
