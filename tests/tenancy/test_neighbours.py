"""T: what a rule says of one row is not said of the row beside it (closed, deleted, a colleague's, a stranger's)."""

from collections import Counter
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.gateways.sms.base import Outgoing
from app.gateways.sms.kavenegar_entries import match_entries
from app.gateways.sms.results import Outcome, SendResult
from app.lib.clock import now
from app.services.account.login import Source, logins_of, note_login
from app.services.assignment.assign import assign
from app.services.assignment.hand_over import reassign_all
from app.services.assignment.reassign import reassign
from app.services.assignment.round_robin import present_members, take_turns
from app.services.member_activity import deactivate_member, open_follow_ups
from models.account import LoginOutcome
from models.assignment import Assignment
from models.customer import Address, Customer
from models.follow_up import FollowUp, FollowUpEntry
from models.order import Order
from models.tenancy.scope import Actor, bind
from tests.factories import OrderFactory, ResultTitleFactory

DELETED = {"with_deleted": True}


class TestOpenFollowUps:
    def test_are_the_members_own_living_ones(self, neighbours, consultant):
        assert {row.id for row in open_follow_ups(consultant)} == neighbours.alive

    def test_alone_go_to_the_heir(self, session, neighbours, manager, consultant, colleague):
        def owners():
            rows = session.execute(select(FollowUp.id, FollowUp.consultant_id), execution_options=DELETED)
            return {row.id: row.consultant_id for row in rows}

        before = owners()
        assert {before[key] for key in (*neighbours.alive, neighbours.closed, neighbours.deleted)} == {
            consultant.id
        }

        moved = deactivate_member(consultant, session.merge(manager), hand_over_to=colleague)

        assert moved == 2
        assert owners() == before | dict.fromkeys(neighbours.alive, colleague.id)


class TestWhoseRows:
    """Rows that belong to a consultant by their follow-ups do so by living ones."""

    @pytest.fixture
    def seen(self, session, neighbours, consultant, manager):
        """The keys of the rows that hang on each follow-up, and those that the consultant sees."""
        states = vars(neighbours)
        names = {key: name for name, key in states.items()}
        found = session.execute(
            select(FollowUp.id, FollowUp.order_id, FollowUp.customer_id).where(FollowUp.id.in_(names)),
            execution_options=DELETED,
        ).all()
        by = {
            Order: {row.order_id: names[row.id] for row in found},
            Customer: {row.customer_id: names[row.id] for row in found},
        }
        organization_id, own_id = manager.organization_id, consultant.id

        def ask(model, column=None):
            bind(session, Actor(organization_id, own_id, own=True))
            keys = session.scalars(select(column if column is not None else model.id)).all()
            return sorted(by[model][key] for key in keys)

        return ask

    @pytest.mark.parametrize("model", [Order, Customer])
    def test_orders_and_customers(self, session, seen, model):
        # What the factories made was written down by the manager.
        assert seen(model) == ["closed", "lost", "open", "waiting"]

    def test_addresses(self, seen):
        assert seen(Customer, Address.customer_id) == ["closed", "lost", "open", "waiting"]

    @pytest.mark.parametrize("model", [Order, Customer])
    def test_what_one_wrote_down_stays_ones_own(self, session, neighbours, manager, consultant, model):
        """Also when no follow-up leads there, or none any more."""
        gone = session.get(FollowUp, neighbours.deleted, execution_options=DELETED)
        beside = session.get(FollowUp, neighbours.colleagues)
        wanted = {Order: gone.order_id, Customer: gone.customer_id}[model]
        mine = session.scalars(select(model).where(model.id == wanted)).one()
        mine.created_by_id = consultant.id
        session.commit()
        own, organization_id, others = consultant.id, manager.organization_id, beside.order_id
        bind(session, Actor(organization_id, own, own=True))
        session.expire_all()

        assert session.scalars(select(model.id).where(model.id == mine.id)).one() == mine.id
        assert session.scalars(select(Order.id).where(Order.id == others)).all() == []

    def test_results_of_follow_ups(self, session, neighbours, manager, consultant, colleague):
        title = ResultTitleFactory()
        states = vars(neighbours).items()
        for name, key in states:
            if name not in {"strangers", "deleted"}:
                entry = {"follow_up_id": key, "result_title_id": title.id, "by_id": colleague.id}
                session.add(FollowUpEntry(**entry, note=name, client_token=uuid4()))
        session.commit()
        bind(session, Actor(manager.organization_id, consultant.id, own=True))

        shown = session.scalars(select(FollowUpEntry.note)).all()

        assert "colleagues" not in shown
        assert {"open", "waiting", "closed", "lost"} <= set(shown)


class TestLogins:
    def test_are_the_members_own(self, session, consultant, colleague):
        for person, address in ((consultant, "1.1.1.1"), (colleague, "2.2.2.2"), (None, "3.3.3.3")):
            note_login(person, LoginOutcome.WRONG, Source(ip=address))
        session.flush()

        assert [event.ip for event in logins_of(consultant.id)] == ["1.1.1.1"]

    def test_are_the_last_ones_first(self, session, consultant):
        for number in range(25):
            note_login(consultant, LoginOutcome.SUCCESS, Source(ip=f"1.1.1.{number}"))
            session.flush()

        assert [event.ip for event in logins_of(consultant.id)] == [f"1.1.1.{n}" for n in range(24, 4, -1)]


class TestEntriesWithoutOurNumber:
    """Kavenegar's entries that bring no `localid` are matched by the number, and only in doubt by the text."""

    ONE, TWO = "+989120000001", "+989120000002"

    def accepted(self, batch, *told):
        entries = [
            {"messageid": 900 + place, "status": 1, "receptor": mobile, "message": text}
            for place, (mobile, text) in enumerate(told)
        ]
        found = match_entries(batch, entries, SendResult(0, Outcome.UNKNOWN))
        return [answer.local_id for answer in found if answer.outcome is Outcome.ACCEPTED]

    def test_one_to_a_number_is_found_whatever_its_text(self):
        """The provider adds a line to texts, or cuts them."""
        batch = [Outgoing(1, self.ONE, "سلام"), Outgoing(2, self.TWO, "سلام")]

        assert self.accepted(batch, (self.ONE, "سلام لغو۱۱")) == [1]

    def test_of_two_to_a_number_the_text_decides(self):
        batch = [Outgoing(1, self.ONE, "یکم"), Outgoing(2, self.ONE, "دوم"), Outgoing(3, self.TWO, "دوم")]

        assert self.accepted(batch, (self.ONE, "دوم")) == [2]

    @pytest.mark.parametrize("text", ["سوم", None])
    def test_of_two_to_a_number_a_third_text_decides_nothing(self, text):
        batch = [Outgoing(1, self.ONE, "یکم"), Outgoing(2, self.ONE, "دوم")]

        assert self.accepted(batch, (self.ONE, text)) == []

    def test_two_same_texts_to_a_number_decide_nothing(self):
        batch = [Outgoing(1, self.ONE, "یکم"), Outgoing(2, self.ONE, "یکم"), Outgoing(3, self.ONE, "دوم")]

        assert self.accepted(batch, (self.ONE, "یکم"), (self.ONE, "دوم")) == [3]

    def test_another_number_is_nobodys(self):
        assert self.accepted([Outgoing(1, self.ONE, "یکم")], (self.TWO, "یکم")) == []


class TestTheLedger:
    """A hand-over ends the one running line of its own order: neither what has ended before, nor what runs beside."""

    def lines(self, session, *columns):
        return session.execute(select(*columns).order_by(Assignment.id)).all()

    @pytest.mark.parametrize("many", [False, True])
    def test_ends_one_line(self, session, manager, consultant, colleague, many):
        moved, beside = OrderFactory(), OrderFactory()
        for order in (moved, beside):
            assign(order, consultant, by=manager)
        follow_up = session.scalars(select(FollowUp).where(FollowUp.order_id == moved.id)).one()
        reassign(follow_up, colleague, by=manager)
        before = dict(self.lines(session, Assignment.id, Assignment.ended_at))

        if many:
            reassign_all([follow_up], consultant, by=manager, at=now())
        else:
            reassign(follow_up, consultant, by=manager)

        after = dict(self.lines(session, Assignment.id, Assignment.ended_at))
        ended = {key for key, at in after.items() if at != before.get(key, at)}
        running = self.lines(session, Assignment.order_id, Assignment.ended_at)
        assert len(ended) == 1
        assert sorted(order for order, at in running if at is None) == [moved.id, beside.id]


class TestTurns:
    def test_are_for_members_of_the_organisation(self, neighbours, consultant, colleague):
        """The other organisation has a consultant who is present, too."""
        assert {person.id for person in present_members()} == {consultant.id, colleague.id}

    def test_leave_room_by_ones_own_orders_of_today(self, session, manager, consultant, colleague):
        """What a colleague got today takes no room from whom it was not given to."""
        consultant.daily_capacity, colleague.daily_capacity = 2, 3
        orders = [OrderFactory() for _ in range(5)]
        assign(orders[0], colleague, by=manager)
        assign(orders[1], colleague, by=manager)

        dealt = take_turns(orders[2:], [consultant, colleague], seed=orders[2].id)

        assert Counter(person.id for _order, person in dealt) == {consultant.id: 2, colleague.id: 1}
