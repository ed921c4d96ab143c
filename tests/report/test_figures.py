"""The figures of reports equal a slow recomputation, whatever happened; the past stays as it was counted."""

import os
from dataclasses import astuple
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.lib.clock import now, start_at
from app.services.assignment.assign import assign
from app.services.assignment.reassign import reassign
from app.services.member_activity import deactivate_member
from app.services.order.decide import release
from app.services.order.place import place_order
from app.services.report.figures import tables_of
from app.services.report.periods import last_allowed_day, periods_of
from app.services.report.question import Group, Question
from app.services.sale.confirm import SaleDetails, Sold, confirm_sale
from models.assignment import Assignment
from models.customer import Customer
from models.member import Member
from models.organization import RepeatPolicy
from models.sale import SaleStatus
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import CustomerFactory, OrderFactory, ProductFactory, SaleFactory, member
from tests.report.history import START, History, histories
from tests.report.recount import Recount, day_of, period_of
from tests.sales.merge_steps import merged

pytestmark = pytest.mark.usefixtures("colleagues_rows")

# A history takes about a second; `HISTORIES=200 pytest tests/report` tries more of them.
HISTORIES = int(os.environ.get("HISTORIES", "20"))
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def acting(session, organization, manager):
    bind(session, Actor(organization.id, manager.id))


@pytest.fixture
def people(session, organization, manager):
    return [member("Consultant", organization, f"consultant {number}") for number in range(3)]


def asked_of(table, question, group):
    """The rows of a table by the names of their periods, as the recomputation has them."""
    if group.grain is None:
        return {key: astuple(each) for key, each in table.rows.items()}
    periods = periods_of(question.first, question.last, group.grain)
    return {period_of(periods[place].first, group): astuple(each) for place, each in table.rows.items()}


def same(question, held, member_id=None):
    total, tables = tables_of(question, list(Group))
    again = Recount(held, member_id)
    assert astuple(total) == again.total(question), question
    for group, table in zip(Group, tables, strict=True):
        assert asked_of(table, question, group) == again.table(question, group), (question, group)


@st.composite
def ranges(draw):
    first = day_of(START) + timedelta(days=draw(st.integers(-2, 40)))
    return first, min(first + timedelta(days=draw(st.integers(0, 123))), last_allowed_day(first))


FILTERS = st.tuples(st.integers(0, 3), st.integers(0, 2), st.booleans(), st.booleans())


class TestProperty:
    @settings(
        max_examples=HISTORIES,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(acts=histories, days=ranges(), chosen=FILTERS)
    def test_every_figure_equals_the_recomputation(
        self, session, organization, manager, people, acts, days, chosen
    ):
        savepoint = session.begin_nested()
        try:
            history = History(session, organization, manager, people)
            for act in acts:
                history.apply(*act)
            who, product, of_source, same_numbers = chosen
            question = Question(
                *days,
                consultant_id=people[who].id if who < 3 else None,
                product_id=history.products[product].id if product < 2 else None,
                source_id=history.sources[1].id if of_source else None,
                same_numbers=same_numbers,
            )
            whole = Question(day_of(START), day_of(START) + 120 * DAY, same_numbers=same_numbers)
            for each in (question, whole):
                same(each, history.held)
            bind(session, Actor(organization.id, people[0].id, own=True))
            total, _tables = tables_of(whole, [])
            bind(session, Actor(organization.id, manager.id))
            assert astuple(total) == Recount(history.held, people[0].id).total(whole)
        finally:
            bind(session, Actor(organization.id, manager.id))
            savepoint.rollback()
            session.expire_all()

    @settings(
        max_examples=HISTORIES // 4,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(before=histories, after=histories)
    def test_later_acts_do_not_change_the_numbers_of_the_past(
        self, session, organization, manager, people, before, after
    ):
        savepoint = session.begin_nested()
        try:
            history = History(session, organization, manager, people)
            for act in before:
                history.apply(*act)
            past = Question(day_of(START), day_of(now()))
            counted = numbers_of(past)
            start_at(now() + 2 * DAY)
            # To undo an assignment says that it never was one.
            for act in after:
                if act[0] != "undo_assigning":
                    history.apply(*act)
            assert numbers_of(past) == counted
        finally:
            savepoint.rollback()
            session.expire_all()


def numbers_of(question):
    total, tables = tables_of(question, list(Group))
    rows = [total, *(row for table in tables for row in table.rows.values())]
    return sorted((row.numbers, row.customers, row.held) for row in rows if row.numbers or row.held)


TODAY = Question(date(2025, 5, 5), date(2025, 5, 5))


@pytest.fixture
def first(session, manager, people):
    """A number of the first consultant, assigned and bought on one day, which is over."""
    start_at(TODAY.whole.start + timedelta(hours=9))
    order = OrderFactory()
    follow_up = assign(order, people[0], by=manager)
    confirm_sale(follow_up, SaleDetails([Sold(order.product, 5_000_000)]))
    # Another customer of the same day, who bought nothing.
    assign(OrderFactory(), people[1], by=manager)
    start_at(TODAY.whole.end + timedelta(hours=9))
    return follow_up


def figures(group=Group.CONSULTANT, **more):
    question = Question(TODAY.first, TODAY.last, **more)
    total, [table] = tables_of(question, [group])
    return astuple(total), {key: astuple(each) for key, each in table.rows.items()}


class TestThePastStays:
    def test_when_a_follow_up_is_reassigned(self, first, people, manager):
        before = figures()
        reassign(first, people[2], by=manager)
        assert figures() == before
        assert before[1][people[0].id] == (1, 1, 0, 1, 0, 5_000_000)

    def test_when_customers_are_merged(self, session, first):
        before = figures(), figures(same_numbers=True)
        # Both numbers of the day become one customer.
        merged(*session.scalars(select(Customer).join(Assignment, Assignment.customer_id == Customer.id)))
        assert (figures(), figures(same_numbers=True)) == before
        assert before[1][0] == (2, 2, 0, 1, 0, 5_000_000)

    def test_when_a_title_is_renamed(self, session, first):
        before = figures(Group.PRODUCT)
        first.product.title, first.product.code = "نام تازه", "NEW"
        session.flush()
        assert figures(Group.PRODUCT) == before
        assert before[1][first.product_id] == (1, 1, 0, 1, 0, 5_000_000)

    def test_when_a_member_leaves(self, first, people, manager):
        before = figures()
        deactivate_member(people[0], manager, hand_over_to=people[2])
        assert figures() == before

    def test_a_held_repeat_stays_with_the_consultant_of_its_arrival(
        self, organization, first, people, manager
    ):
        organization.repeat_policy = RepeatPolicy.HOLD
        organization.sale_ends_repeat = False
        start_at(TODAY.whole.end - timedelta(seconds=1))
        repeat = place_order(customer_fields={"mobile": first.customer.mobile}, product=first.product)
        held = figures()
        start_at(TODAY.whole.end + timedelta(hours=1))
        release([repeat], by=manager, at=now())
        reassign(first, people[2], by=manager)
        assign(repeat, people[2], by=manager)
        assert figures() == held
        assert held[1][people[0].id] == (1, 1, 1, 1, 0, 5_000_000)


class TestDefinitions:
    @pytest.mark.parametrize("status", SaleStatus)
    def test_drafts_and_cancelled_sales_are_none_and_refunded_ones_are_named(self, session, people, status):
        start_at(TODAY.whole.start)
        SaleFactory(consultant_id=people[0].id, status=status, amount=7)
        counts = status not in {SaleStatus.DRAFT, SaleStatus.CANCELLED}
        total, _table = figures()
        assert total[3:] == (counts, status is SaleStatus.REFUNDED, 7 * counts)

    def test_a_day_begins_at_midnight_in_tehran(self, people, manager):
        for moment in (TODAY.whole.start, TODAY.whole.end - timedelta(microseconds=1)):
            start_at(moment)
            assign(OrderFactory(), people[0], by=manager, at=moment)
        for moment in (TODAY.whole.end, TODAY.whole.start - timedelta(microseconds=1)):
            assign(OrderFactory(), people[0], by=manager, at=moment)
        assert figures()[0][0] == 2

    def test_a_customer_of_two_consultants_is_two_numbers_and_one_customer(self, people, manager):
        start_at(TODAY.whole.start)
        customer = CustomerFactory()
        for person in people[:2]:
            assign(OrderFactory(customer=customer), person, by=manager)
        assign(OrderFactory(customer=customer), people[0], by=manager)
        assert figures()[0][:2] == (2, 1)

    def test_a_pair_that_is_assigned_again_counts_once_in_each_period(self, people, manager):
        customer, other = CustomerFactory(), CustomerFactory()
        # Twice on the first day, once in the next week; another consultant gets the same customer on that day alone.
        for days, who in ((0, 0), (0, 0), (7, 0), (7, 1)):
            start_at(TODAY.whole.start + days * DAY + timedelta(hours=9))
            assign(OrderFactory(customer=customer), people[who], by=manager)
        assign(OrderFactory(customer=other), people[1], by=manager)
        question = Question(TODAY.first, TODAY.last + 7 * DAY)
        total, tables = tables_of(question, [Group.DAY, Group.WEEK, Group.MONTH, Group.CONSULTANT])
        numbers = [{key: (row.numbers, row.customers) for key, row in each.rows.items()} for each in tables]
        assert (total.numbers, total.customers) == (3, 2)
        assert numbers == [
            {0: (1, 1), 7: (3, 2)},
            {0: (1, 1), 1: (3, 2)},
            {0: (3, 2)},
            {people[0].id: (1, 1), people[1].id: (2, 2)},
        ]
        # A total without any group is read by itself.
        assert tables_of(question, [])[0] == total

    def test_the_switch_counts_sales_of_the_same_pairs_whenever_made(self, people, manager):
        start_at(TODAY.whole.start)
        order = OrderFactory()
        assign(order, people[0], by=manager)
        SaleFactory(consultant_id=people[0].id)  # of today, but of no number of today
        start_at(TODAY.whole.end + 200 * DAY)
        SaleFactory(order=order, consultant_id=people[0].id, amount=9)
        SaleFactory(order=order, consultant_id=people[1].id, amount=10)  # of another consultant
        assert figures()[0][3:] == (1, 0, 1_000_000)
        assert figures(same_numbers=True)[0][3:] == (1, 0, 9)

    def test_a_sum_of_rials_stays_a_whole_number(self, people):
        start_at(TODAY.whole.start)
        most = 2**52 + 1
        SaleFactory(consultant_id=people[0].id, amount=most)
        SaleFactory(consultant_id=people[0].id, amount=most)
        total, _tables = tables_of(TODAY, [])
        assert (total.amount, type(total.amount)) == (2 * most, int)

    def test_another_organisation_is_not_counted(self, session, stranger_organization):
        start_at(TODAY.whole.start)
        stranger_id = member("Consultant", stranger_organization, "stranger of reports").id
        with acting_as(session, Actor(stranger_organization.id, stranger_id)):
            them = session.get_one(Member, stranger_id)
            assign(OrderFactory(product=ProductFactory()), them, by=None)
            SaleFactory(consultant_id=them.id)
            assert figures()[0][:4] == (1, 1, 0, 1)
        assert figures() == ((0, 0, 0, 0, 0, 0), {})

    def test_a_consultant_gets_their_own_figures_alone(self, session, organization, first, people):
        bind(session, Actor(organization.id, people[0].id, own=True))
        mine = figures()
        assert (mine, figures(consultant_id=people[0].id)) == (mine, mine)
        assert set(mine[1]) == {people[0].id}
        assert figures(consultant_id=people[1].id) == ((0, 0, 0, 0, 0, 0), {})
