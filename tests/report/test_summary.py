"""The summary that reports read equals the ledger: after any history, after its care, and with several writers."""

import os
from datetime import timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select

from app.extensions import db
from app.lib.clock import now
from app.lib.jalali import start_of_day, today
from app.services.assignment.assign import assign
from app.services.assignment.ledger import settle
from app.services.assignment.reassign import reassign
from app.services.assignment.undo import undo_assignments
from app.services.report.rebuild import days_to_merge, merge_day, rebuild_summary
from app.tasks.reports import merge_days
from models.assignment import Assignment
from models.figures.assigned_day import AssignedDay
from models.figures.repeated_line import RepeatedLine
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import CustomerFactory, OrderFactory, ProductFactory, member
from tests.report.history import History, histories
from tests.report.summary_recount import expected, stored
from tests.support.racing import at_once

HISTORIES = int(os.environ.get("HISTORIES", "20"))


@pytest.fixture
def people(session, organization):
    return [member("Consultant", organization, f"consultant {number}") for number in range(3)]


@pytest.mark.usefixtures("colleagues_rows")
@settings(
    max_examples=HISTORIES,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=histories)
def test_equals_the_ledger_after_any_history(session, organization, manager, people, acts):
    bind(session, Actor(organization.id, manager.id))
    savepoint = session.begin_nested()
    try:
        history = History(session, organization, manager, people)
        for act in acts:
            history.apply(*act)
        settle()
        assert stored() == expected()
        for day in days_to_merge():
            merge_day(day)
        assert stored() == expected()
        assert not days_to_merge()
        rebuild_summary()
        assert stored() == expected()
    finally:
        savepoint.rollback()
        session.expire_all()


def test_rebuilding_repairs_the_rows_of_the_acting_organisation_alone(
    app, session, organization, stranger_organization, manager, people
):
    for each in (organization, stranger_organization):
        with acting_as(session, Actor(each.id)):
            someone = people[0] if each is organization else member("Consultant", each, "theirs")
            order = OrderFactory()
            assign(order, session.get_one(Member, someone.id), by=None)
            session.commit()
    with acting_as(session, Actor(stranger_organization.id)):
        theirs = stored()
    assert theirs[0]
    bind(session, Actor(organization.id, manager.id))
    session.add(AssignedDay(member_id=people[1].id, begins_at=now(), lines=7))
    session.commit()
    assert stored() != expected()

    result = app.test_cli_runner().invoke(args=["rebuild-report-days"])

    assert result.exit_code == 0, result.output
    bind(session, Actor(organization.id, manager.id))
    assert stored() == expected()
    with acting_as(session, Actor(stranger_organization.id)):
        assert stored() == theirs


def test_rebuilding_gives_both_ends_of_a_day_to_this_day(session, manager, people):
    begins = start_of_day(today() - timedelta(days=2))
    for at in (begins - timedelta(seconds=1), begins, begins + timedelta(days=1, seconds=-1)):
        assign(OrderFactory(), people[0], by=manager, at=at)
    session.flush()

    rebuild_summary()

    assert stored() == expected()
    assert sorted(stored()[0].values()) == [1, 2]


@pytest.mark.postgresql
class TestRaces:
    ROUNDS = 6

    @pytest.fixture
    def orders(self, arena):
        """Pairs of orders of one customer."""
        with arena.actor():
            customer, product = CustomerFactory(), ProductFactory()
            return [
                [OrderFactory(customer=customer, product=product).id for _ in range(2)]
                for _ in range(self.ROUNDS)
            ]

    def test_transactions_that_overlap_see_each_others_lines(self, arena, orders):
        sellers = [arena.member("Consultant", f"seller {number}") for number in range(2)]
        written = Barrier(2, timeout=30)

        def act(order_id, seller_id):
            def run():
                with (
                    arena.app.app_context(),
                    acting_as(db.session(), Actor(arena.organization_id)) as session,
                ):
                    assign(session.get_one(Order, order_id), session.get_one(Member, seller_id), by=None)
                    written.wait()
                    session.commit()

            return run

        for first, second in orders:
            at_once(act(first, sellers[0]), act(second, sellers[1]))
            with arena.actor():
                assert stored() == expected()

    def test_writers_of_all_kinds_leave_the_summary_right(self, arena, orders):
        boss = arena.member("Manager", "boss")
        sellers = [arena.member("Consultant", f"seller {number}") for number in range(3)]

        def work(number):
            def run():
                with (
                    arena.app.app_context(),
                    acting_as(db.session(), Actor(arena.organization_id, boss)) as session,
                ):
                    for pair in orders:
                        by = session.get_one(Member, boss)
                        at = now() + timedelta(seconds=number)
                        assign(
                            session.get_one(Order, pair[number]),
                            session.get_one(Member, sellers[number]),
                            by=by,
                            at=at,
                        )
                        session.commit()
                        if pair[0] % 3:
                            undo_assignments(at, by=by)
                            session.commit()
                        else:
                            row = session.scalars(
                                select(FollowUp).where(FollowUp.order_id == pair[number])
                            ).one()
                            reassign(row, session.get_one(Member, sellers[2]), by=by)
                            session.commit()

            return run

        def care():
            with arena.app.app_context():
                for _ in range(self.ROUNDS):
                    merge_days()
                db.session.remove()

        at_once(work(0), work(1), care)
        with arena.actor() as session:
            assert session.scalar(select(func.count(Assignment.id))) > self.ROUNDS
            assert session.scalar(select(func.count(RepeatedLine.id)))
            assert stored() == expected()
