"""Giving out work: one winner for each order, fair turns, and a ledger of it all."""

from collections import Counter
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.lib.clock import now, start_at
from app.services.assignment.assign import (
    AlreadyAssigned,
    NotAssignable,
    UnfitMember,
    assign,
    assign_all,
    assign_in_turn,
)
from app.services.assignment.reassign import reassign
from models.assignment import Assignment, AssignmentMethod
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order, OrderStatus
from models.tenancy.scope import Actor, ScopeError, acting_as, bind
from tests.factories import CustomerFactory, OrderFactory, ProductFactory, member, organization_with
from tests.support.dealing import owners

pytestmark = pytest.mark.usefixtures("colleagues_rows")


@pytest.fixture
def orders(manager) -> list[Order]:
    customer, product = CustomerFactory(), ProductFactory()
    return [OrderFactory(customer=customer, product=product) for _ in range(6)]


def share_of_each() -> Counter[int]:
    return owners(db.session())


class TestAssign:
    def test_begins_a_follow_up_and_a_line_of_the_ledger(self, orders, manager, consultant):
        follow_up = assign(orders[0], consultant, by=manager)

        line = db.session.scalars(select(Assignment)).one()
        assert orders[0].status is OrderStatus.ASSIGNED
        assert (follow_up.consultant_id, follow_up.customer_id) == (consultant.id, orders[0].customer_id)
        assert follow_up.next_at is None
        assert (line.to_member_id, line.by_id, line.method) == (
            consultant.id,
            manager.id,
            AssignmentMethod.MANUAL,
        )

    def test_of_an_assigned_order_names_who_has_it(self, orders, manager, consultant, colleague):
        assign(orders[0], consultant, by=manager)

        with pytest.raises(AlreadyAssigned, match=consultant.full_name):
            assign(orders[0], colleague, by=manager)

    @pytest.mark.parametrize("status", [OrderStatus.HELD, OrderStatus.INVALID])
    def test_refuses_an_order_that_does_not_wait(self, orders, manager, consultant, status):
        orders[0].status = status
        db.session.flush()

        with pytest.raises(NotAssignable):
            assign(orders[0], consultant, by=manager)

    def test_refuses_a_member_of_another_organisation(self, orders, manager, stranger_organization):
        stranger = member("Consultant", stranger_organization)

        with pytest.raises(UnfitMember):
            assign(orders[0], stranger, by=manager)

    def test_refuses_one_who_has_left(self, orders, manager, consultant):
        consultant.active = False
        db.session.flush()

        with pytest.raises(UnfitMember):
            assign(orders[0], consultant, by=manager)

    def test_by_hand_also_reaches_one_who_is_away(self, orders, manager, consultant):
        consultant.accepts_orders = False
        db.session.flush()

        assert assign(orders[0], consultant, by=manager).consultant_id == consultant.id

    def test_of_many_leaves_out_what_is_taken(self, orders, manager, consultant, colleague):
        assign(orders[0], colleague, by=manager)

        given = assign_all(orders, consultant, by=manager)

        assert given == {order.id for order in orders[1:]}
        assert share_of_each() == {colleague.id: 1, consultant.id: 5}


class TestReassign:
    def test_ends_one_line_and_begins_another(self, orders, manager, consultant, colleague):
        follow_up = assign(orders[0], consultant, by=manager)
        other = assign(orders[1], consultant, by=manager)

        reassign(follow_up, colleague, by=manager)

        before, beside, after = db.session.scalars(select(Assignment).order_by(Assignment.id)).all()
        assert (other.consultant_id, beside.ended_at) == (consultant.id, None)
        assert follow_up.consultant_id == colleague.id
        assert before.ended_at == after.started_at
        assert (after.from_member_id, after.to_member_id, after.ended_at) == (
            consultant.id,
            colleague.id,
            None,
        )

    def test_of_what_somebody_else_moved_meanwhile_names_the_winner(
        self, session, orders, manager, consultant, colleague
    ):
        winner = member("Consultant", manager.organization, "winner", last_name="برنده")
        follow_up = assign(orders[0], consultant, by=manager)
        seen = follow_up.consultant_id
        reassign(follow_up, winner, by=manager)
        follow_up.__dict__["consultant_id"] = seen  # what the second manager's page still shows

        with pytest.raises(AlreadyAssigned, match="برنده"):
            reassign(follow_up, colleague, by=manager)

        assert follow_up.consultant_id == winner.id

    def test_to_the_one_who_has_it_is_refused(self, orders, manager, consultant):
        follow_up = assign(orders[0], consultant, by=manager)

        with pytest.raises(AlreadyAssigned):
            reassign(follow_up, consultant, by=manager)

    def test_leaves_the_past_as_it_was(self, session, orders, manager, consultant):
        assign(orders[0], consultant, by=manager)
        line = db.session.scalars(select(Assignment)).one()

        line.to_member_id = manager.id

        with pytest.raises(ScopeError):
            session.flush()


class TestTurns:
    @pytest.fixture
    def three(self, consultant, colleague, organization) -> list[Member]:
        return [consultant, colleague, member("Consultant", organization, "third")]

    def test_are_even(self, orders, manager, three):
        assign_in_turn(orders, by=manager)

        assert share_of_each() == {person.id: 2 for person in three}

    def test_go_on_where_the_last_batch_ended(self, orders, manager, three):
        assign_in_turn(orders[:2], by=manager)
        assign_in_turn(orders[2:3], by=manager)

        assert share_of_each() == {person.id: 1 for person in three}

    def test_begin_with_whoever_waited_longest(self, orders, manager, three):
        for days, person in zip((1, 3, 2), three, strict=True):
            person.last_assigned_at = now() - timedelta(days=days)
        db.session.flush()

        assign_in_turn(orders[:1], by=manager)

        assert share_of_each() == {three[1].id: 1}

    def test_have_no_favourite_among_equals(self, manager, three):
        customer, product = CustomerFactory(), ProductFactory()
        for _ in range(30):  # all the same one once in 3 ** 29 runs
            for person in three:
                person.last_assigned_at = None
            assign_in_turn([OrderFactory(customer=customer, product=product)], by=manager)

        assert len(share_of_each()) > 1

    def test_pass_over_who_is_away_inactive_or_no_consultant(self, orders, manager, three, organization):
        three[0].accepts_orders = False
        three[1].active = False
        member("SupportAgent", organization)
        db.session.flush()

        assign_in_turn(orders, by=manager)

        assert share_of_each() == {three[2].id: 6}

    def test_stop_at_the_days_capacity(self, orders, manager, three):
        for person, capacity in zip(three, (1, 2, 0), strict=True):
            person.daily_capacity = capacity
        db.session.flush()

        given = assign_in_turn(orders, by=manager)

        waiting = db.session.scalar(select(func.count(Order.id)).where(Order.status == OrderStatus.NEW))
        assert share_of_each() == {three[0].id: 1, three[1].id: 2}
        assert (len(given), waiting) == (3, 3)

    def test_count_capacity_by_tehrans_day(self, orders, manager, consultant):
        consultant.daily_capacity = 1
        db.session.flush()
        assign_in_turn(orders[:1], by=manager)
        start_at(now() + timedelta(days=1))

        assert len(assign_in_turn(orders[1:], by=manager)) == 1

    def test_without_anybody_leave_the_orders_in_the_tray(self, orders, manager):
        assert assign_in_turn(orders, by=manager) == {}
        assert orders[0].status is OrderStatus.NEW

    @pytest.mark.postgresql
    def test_take_the_same_statements_for_one_and_for_many(self, manager, three, statements):
        customer, product = CustomerFactory(), ProductFactory()
        counts = []
        for size in (3, 60):
            orders = [OrderFactory(customer=customer, product=product) for _ in range(size)]
            statements.clear()
            assign_in_turn(orders, by=manager)
            counts.append(len([each for each in statements if not each.startswith("UPDATE ab_user")]))

        assert counts[0] == counts[1]


@pytest.mark.postgresql
def test_of_two_managers_at_once_one_wins(app, committed):
    session = committed
    organization = organization_with("two-managers")
    people = [member("Consultant", organization, f"two-{number}").id for number in range(2)]
    organization_id = organization.id
    with acting_as(session, Actor(organization_id)):
        order_id = OrderFactory(product=ProductFactory(), customer=CustomerFactory()).id
    session.commit()
    start, outcomes = Barrier(2), []

    def run(member_id: int) -> None:
        with app.app_context():
            bind(db.session(), Actor(organization_id))
            order, person = db.session.get(Order, order_id), db.session.get(Member, member_id)
            start.wait()
            try:
                assign(order, person, by=None)
                db.session.commit()
                outcomes.append(person.id)
            except AlreadyAssigned as refusal:
                outcomes.append(str(refusal))
            db.session.remove()

    threads = [Thread(target=run, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with acting_as(session, Actor(organization_id)):
        follow_ups = session.scalars(select(FollowUp.consultant_id)).all()
        lines = session.scalar(select(func.count(Assignment.id)))
    session.rollback()
    assert follow_ups == [outcome for outcome in outcomes if isinstance(outcome, int)]
    assert lines == 1
    assert any("two-" in str(outcome) for outcome in outcomes)
