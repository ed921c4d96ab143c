"""The figures of the overall report equal a slow recomputation, whatever happened; the past stays as it was counted."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from app.lib.clock import now, start_at
from app.services.assignment.assign import assign
from app.services.assignment.reassign import reassign
from app.services.assignment.undo import undo_assignments
from app.services.follow_up import record_result
from app.services.member_activity import deactivate_member
from app.services.report.calls import calls_by_hour, calls_of
from app.services.report.cells import fits, name_of, read_cell
from app.services.report.messages import Fate, message_counts, messages_of
from app.services.report.numbers import read_numbers, read_titles
from app.services.report.periods import Grain, periods_of
from app.services.report.question import Group, Question
from app.services.result import Result
from app.services.sale.confirm import SaleDetails, Sold, confirm_sale
from app.services.working_clock import WorkingClock
from models.assignment import Assignment
from models.customer import Customer
from models.member import Member
from models.result_title import ResultKind
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import OrderFactory, ProductFactory, ResultTitleFactory, member
from tests.report.history import START
from tests.report.overall_history import WorkedHistory, worked_histories
from tests.report.overall_recount import OverallRecount, working_minutes
from tests.report.recount import day_of, period_of
from tests.report.test_figures import DAY, FILTERS, HISTORIES, TODAY, acting, people, ranges
from tests.sales.merge_steps import merged

pytestmark = pytest.mark.usefixtures("colleagues_rows")
FIXTURES = acting, people


def numbers_of(question):
    """The numbers by pair, with the names of their periods as the recomputation has them."""
    found = {}
    for each in read_numbers(question, read_titles()):
        periods = {
            group: period_of(periods_of(question.first, question.last, grain)[place].first, group)
            for group, grain, place in (
                (Group.WEEK, Grain.WEEK, each.week),
                (Group.MONTH, Grain.MONTH, each.month),
            )
        }
        found[each.member_id, each.customer_id] = {
            "key": each.key,
            "calls": each.calls,
            "result": each.result_id,
            "bought": each.bought_after,
            "state": each.state.value,
            "waited": each.waited,
            "week": periods[Group.WEEK],
            "month": periods[Group.MONTH],
        }
    return found


def same(question, organization, member_id=None):
    again = OverallRecount(organization, member_id)
    assert numbers_of(question) == again.numbers(question), question
    calls = {key: len(each) for key, each in again.calls(question).items()}
    assert dict(calls_by_hour(question)) == calls, question
    sms = again.sms(question)
    assert {fate.value: count for fate, count in message_counts(question).items()} == {
        fate: len(each) for fate, each in sms.items()
    }
    for (hour, answered), keys in again.calls(question).items():
        assert calls_of(question, hour, answered) == sorted(keys, reverse=True)
    for fate, keys in sms.items():
        assert messages_of(question, [Fate(fate)]) == sorted(keys, reverse=True)


def everything(question):
    return numbers_of(question), dict(calls_by_hour(question)), dict(message_counts(question))


@settings(
    max_examples=HISTORIES,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=worked_histories, days=ranges(), chosen=FILTERS)
def test_every_figure_equals_the_recomputation(session, organization, manager, people, acts, days, chosen):
    savepoint = session.begin_nested()
    try:
        history = WorkedHistory(session, organization, manager, people)
        for act in acts:
            history.apply(*act)
        who, product, of_source, _same = chosen
        question = Question(
            *days,
            consultant_id=people[who].id if who < 3 else None,
            product_id=history.products[product].id if product < 2 else None,
            source_id=history.sources[1].id if of_source else None,
        )
        whole = Question(day_of(START), day_of(START) + 400 * DAY)
        for each in (question, whole):
            same(each, history.organization)
        bind(session, Actor(organization.id, people[0].id, own=True))
        counted = everything(whole)
        bind(session, Actor(organization.id, manager.id))
        again = OverallRecount(history.organization, people[0].id)
        assert counted[0] == again.numbers(whole)
        assert counted[1] == {key: len(each) for key, each in again.calls(whole).items()}
        assert {fate.value: count for fate, count in counted[2].items()} == {
            fate: len(each) for fate, each in again.sms(whole).items()
        }
    finally:
        bind(session, Actor(organization.id, manager.id))
        savepoint.rollback()
        session.expire_all()


@pytest.fixture
def titles():
    return {kind: ResultTitleFactory(kind=kind) for kind in ResultKind}


@pytest.fixture
def record(session, organization, manager, titles):
    """Records a result by a member."""

    def by(person_id, follow_up, kind, **more):
        bind(session, Actor(organization.id, person_id))
        record_result(follow_up, Result(titles[kind], **more))
        bind(session, Actor(organization.id, manager.id))

    return by


@pytest.fixture
def worked(manager, people, record):
    """Numbers of a day that is over: one bought, one open, one lost, one without a call."""
    start_at(TODAY.whole.start + timedelta(hours=9))
    rows = [assign(OrderFactory(), people[place % 2], by=manager) for place in range(4)]
    start_at(now() + timedelta(minutes=30))
    for row, kind in zip(rows, (ResultKind.WON, ResultKind.CALLBACK, ResultKind.LOST), strict=False):
        sale = SaleDetails([Sold(row.product, 5_000_000)]) if kind is ResultKind.WON else None
        record(row.consultant_id, row, kind, sale=sale)
    start_at(TODAY.whole.end + timedelta(hours=9))
    return rows


class TestThePastStays:
    @pytest.fixture
    def before(self, worked):
        found = everything(TODAY)
        assert sorted(each["state"] for each in found[0].values()) == ["bought", "lost", "new", "open"]
        return found

    def test_when_follow_ups_are_reassigned_and_worked_on(self, manager, worked, before, people, record):
        for row in worked:
            reassign(row, people[2], by=manager)
        assert everything(TODAY) == before
        start_at(now() + DAY)
        record(people[2].id, worked[3], ResultKind.INVALID)
        assert everything(TODAY) == before
        later = Question(TODAY.first + DAY, TODAY.last + 2 * DAY)
        assert numbers_of(later)[people[2].id, worked[3].customer_id]["state"] == "invalid"

    def test_when_a_title_is_renamed_and_deleted(self, session, before, titles):
        for each in titles.values():
            each.title, each.deleted_at = f"{each.title} تازه", now()
        session.flush()
        assert everything(TODAY) == before

    def test_when_customers_are_merged(self, session, before):
        merged(*session.scalars(select(Customer).join(Assignment, Assignment.customer_id == Customer.id)))
        assert everything(TODAY) == before

    def test_when_a_member_leaves(self, before, people, manager):
        deactivate_member(people[0], manager, hand_over_to=people[2])
        assert everything(TODAY) == before

    def test_when_follow_ups_are_deleted(self, session, worked, before):
        for row in worked:
            row.deleted_at = now()
        session.flush()
        assert everything(TODAY) == before


class TestDefinitions:
    def test_a_later_sale_belongs_to_the_number_and_an_earlier_one_does_not(self, session, manager, people):
        start_at(TODAY.whole.start - 2 * DAY)
        first = OrderFactory()
        confirm_sale(assign(first, people[0], by=manager), SaleDetails([Sold(first.product, 1_000)]))
        start_at(TODAY.whole.start + timedelta(hours=1))
        order = OrderFactory(customer=first.customer, product=ProductFactory())
        row = assign(order, people[0], by=manager)
        assert [each["bought"] for each in numbers_of(TODAY).values()] == [None]
        start_at(now() + 40 * DAY)
        confirm_sale(row, SaleDetails([Sold(order.product, 1_000)]))
        assert [each["bought"] for each in numbers_of(TODAY).values()] == [40]

    def test_an_undone_reassignment_leaves_the_calls_with_the_consultant(
        self, session, manager, people, record
    ):
        start_at(TODAY.whole.start + timedelta(hours=1))
        row = assign(OrderFactory(), people[0], by=manager)
        start_at(now() + timedelta(minutes=1))
        reassign(row, people[1], by=manager)
        given_at = session.scalars(select(Assignment.started_at).order_by(Assignment.id.desc())).first()
        start_at(now() + timedelta(minutes=1))
        assert undo_assignments(given_at, by=manager).count == 1
        start_at(now() + timedelta(minutes=1))
        record(people[0].id, row, ResultKind.CALLBACK)
        assert {pair[0]: each["calls"] for pair, each in numbers_of(TODAY).items()} == {people[0].id: 1}

    def test_another_organisation_is_not_counted(self, session, stranger_organization):
        start_at(TODAY.whole.start)
        stranger_id = member("Consultant", stranger_organization, "stranger of reports").id
        with acting_as(session, Actor(stranger_organization.id, stranger_id)):
            them = session.get_one(Member, stranger_id)
            row = assign(OrderFactory(product=ProductFactory()), them, by=None)
            record_result(row, Result(ResultTitleFactory()))
            assert [len(each) for each in everything(TODAY)] == [1, 1, 0]
        assert [len(each) for each in everything(TODAY)] == [0, 0, 0]

    @pytest.mark.parametrize(
        ("start", "end", "minutes"),
        [
            ((0, 10, 0), (0, 10, 20), 20),
            ((0, 17, 50), (1, 9, 5), 15),  # the night between two working days
            ((3, 17, 30), (5, 9, 30), 60),  # over a free Friday
            ((5, 9, 30), (5, 9, 0), 0),
        ],
    )
    def test_working_time_leaves_out_nights_and_free_days(self, organization, start, end, minutes):
        # The first day is Monday 15 Ordibehesht 1404.
        organization.working_days = [day for day in organization.working_days if day != "friday"]
        at, until = (
            TODAY.whole.start + timedelta(days=day, hours=hour, minutes=minute)
            for day, hour, minute in (start, end)
        )
        clock = WorkingClock(organization, TODAY.first, TODAY.first + 9 * DAY)
        assert clock.between(at.timestamp(), until.timestamp()) == minutes * 60
        assert max(working_minutes(organization, at, until), timedelta()) == timedelta(minutes=minutes)

    def test_a_holiday_is_no_working_day(self, organization):
        organization.holidays = {TODAY.first.isoformat(): "تعطیل"}
        clock = WorkingClock(organization, TODAY.first, TODAY.first + DAY)
        ends = TODAY.whole.end + timedelta(hours=10)
        assert clock.between(TODAY.whole.start.timestamp(), ends.timestamp()) == 3600


class TestCells:
    @pytest.mark.parametrize(
        "name", ["nothing-1", "state", "state-", "state-open.state-new", "member-5;", ".", "x" * 300]
    )
    def test_a_name_that_is_none(self, name):
        assert read_cell(name) is None or not any(
            fits(each, read_cell(name)) for each in read_numbers(TODAY, read_titles())
        )

    @pytest.mark.parametrize(("length", "is_read"), [(20, True), (21, False), (22, False)])
    def test_the_values_of_a_name_are_short(self, length, is_read):
        assert (read_cell(f"member-{'1' * length}") is not None) is is_read

    @pytest.mark.parametrize("wanted", ["bought", "open", "lost", "new"])
    def test_a_cell_has_the_numbers_that_it_names(self, worked, wanted):
        conditions = read_cell(name_of(state=wanted))
        numbers = read_numbers(TODAY, read_titles())
        assert [each.state.value for each in numbers if fits(each, conditions)] == [wanted]

    def test_within_names_those_who_bought_so_soon(self, worked):
        numbers = read_numbers(TODAY, read_titles())
        assert [fits(each, {"within": "1"}) for each in numbers] == [True, False, False, False]
        assert not any(fits(each, {"within": "x"}) for each in numbers)
