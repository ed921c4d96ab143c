"""The undo of acts of the support on many tickets."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.lib import clock
from app.services.ticket.work import assign_ticket, close_ticket, reopen_ticket
from models.audit.event import AuditEvent
from models.messages.thread import Thread, ThreadStatus
from models.tenancy.scope import Actor, bind
from tests.day.tickets.steps import bulk, toast
from tests.factories import member
from tests.notifications.steps import HTMX

EVERYWHERE = {"unscoped": True, "populate_existing": True}
OPEN, CLOSED = ThreadStatus.OPEN, ThreadStatus.CLOSED


@pytest.fixture
def operators(operator, second):
    return [operator, second]


def undo(client, answer):
    return client.post(toast(answer)["undo_url"], headers=HTMX)


def stored(session, keys):
    found = session.scalars(
        select(Thread).where(Thread.id.in_(keys)).order_by(Thread.id), execution_options=EVERYWHERE
    )
    return [(row.status, row.assigned_to_id, row.solved_at is None) for row in found]


def act_as(session, operator, key, act, *more):
    """*act* on the ticket of *key* by another operator."""
    bind(session, Actor(None, operator.id, serves_tickets=True))
    act(session.scalars(select(Thread).where(Thread.id == key), execution_options=EVERYWHERE).one(), *more)
    session.commit()


class TestClosedTickets:
    def test_are_open_again_in_their_organisations(self, session, login, operators, tickets):
        act_as(session, operators[0], tickets[0], close_ticket)
        client = login(operators[0])
        answer = bulk(client, "close_many", tickets[1:])

        assert undo(client, answer).status_code == 204

        assert stored(session, tickets) == [(CLOSED, None, False), (OPEN, None, True), (OPEN, None, True)]
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "reopen"), execution_options=EVERYWHERE
        ).all()
        assert {each.object_id for each in events} == set(tickets[1:])
        assert len({each.organization_id for each in events}) == 2
        assert toast(undo(client, answer))["level"] == "danger"

    def test_one_that_was_opened_and_closed_since_stays(self, session, login, operators, tickets):
        client = login(operators[0])
        answer = bulk(client, "close_many", tickets)
        act_as(session, operators[1], tickets[0], reopen_ticket)
        act_as(session, operators[1], tickets[0], close_ticket)

        assert "1 مورد" in toast(undo(client, answer))["text"]

        assert [row[0] for row in stored(session, tickets)] == [CLOSED, OPEN, OPEN]

    def test_stay_after_ten_minutes(self, session, login, operators, tickets):
        client = login(operators[0])
        answer = bulk(client, "close_many", tickets)

        clock.start_at(clock.now() + timedelta(minutes=11))

        assert toast(undo(client, answer))["level"] == "danger"
        assert [row[0] for row in stored(session, tickets)] == [CLOSED] * 3

    def test_stay_for_another_operator_and_for_members(self, session, login, operators, manager, tickets):
        answer = bulk(login(operators[0]), "close_many", tickets)

        assert toast(undo(login(operators[1]), answer))["level"] == "danger"
        assert undo(login(session.merge(manager)), answer).status_code == 403
        assert [row[0] for row in stored(session, tickets)] == [CLOSED] * 3


class TestAssignedTickets:
    def test_have_their_former_operators(self, session, login, operators, tickets):
        first, second = operators
        act_as(session, second, tickets[0], assign_ticket, first.id)
        client = login(first)
        answer = bulk(client, "assign_many", tickets, operator=second.id)
        assert [row[1] for row in stored(session, tickets)] == [second.id] * 3

        assert undo(client, answer).status_code == 204

        assert [row[1] for row in stored(session, tickets)] == [first.id, None, None]

    def test_one_that_was_given_on_stays_and_the_other_acts_too(self, session, login, operators, tickets):
        first, second = operators
        client = login(first)
        answer = bulk(client, "assign_many", tickets, operator=second.id)
        act_as(session, second, tickets[2], assign_ticket, first.id)
        bulk(client, "close_many", tickets[:1])

        assert undo(client, answer).status_code == 204

        assert [row[1] for row in stored(session, tickets)] == [second.id, None, first.id]

    def test_one_whose_former_operator_left_stays(self, session, login, operators, tickets):
        first, second = operators
        gone = member("Operator", None, "gone")
        act_as(session, second, tickets[0], assign_ticket, gone.id)
        client = login(first)
        answer = bulk(client, "assign_many", tickets, operator=second.id)
        session.merge(gone).active = False
        session.commit()

        assert "رسیدگی‌کننده" in toast(undo(client, answer))["text"]

        assert [row[1] for row in stored(session, tickets)] == [second.id, None, None]

    def test_nothing_was_moved_and_nothing_is_undone(self, login, operators, tickets):
        client = login(operators[0])
        assert toast(bulk(client, "assign_many", tickets, operator="0"))["undo_url"] is None
        for moment in ("0", "1", "9" * 18, "x"):
            assert client.post(f"/tickets/reopen-many/{moment}", headers=HTMX).status_code in {204, 404, 422}
