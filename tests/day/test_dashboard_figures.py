"""The figures equal a slow count of the ledger in plain Python, over random histories with the edges of days and months."""

import random
from datetime import date, timedelta

import pytest

from app.lib.jalali import start_of_day, to_jalali, today
from app.services.report import contact, dashboard
from app.services.report.spans import Span, last_days
from app.services.report.team import FEW_NUMBERS, Standing, TeamMember, league, ranked, team
from models.assignment import Assignment, AssignmentMethod
from models.order import OrderStatus
from models.sale import SaleStatus
from models.tenancy.scope import Actor, acting_as
from tests.factories import OrderFactory, SaleFactory
from tests.report.sales_rows import TODAY, sales_of_a_stranger

SECOND = timedelta(seconds=1)
COUNTED = set(SaleStatus) - {SaleStatus.DRAFT, SaleStatus.CANCELLED}


def moments(chance):
    """A time within the last 70 days, often the first or the last instant of a day in Tehran."""
    day = today() - timedelta(days=chance.randrange(70))
    start = start_of_day(day)
    return chance.choice(
        [start, start + timedelta(hours=chance.randrange(24)), start + timedelta(days=1) - SECOND]
    )


def history(session, chance, people, by):
    """Assignments, some undone or of the same customer, and sales of every state."""
    orders = [OrderFactory(status=OrderStatus.ASSIGNED) for _number in range(8)]
    lines, sales = [], []
    for _number in range(25):
        at, order = moments(chance), chance.choice(orders)
        is_undone = chance.random() < 0.2
        line = Assignment(
            order_id=order.id,
            to_member_id=chance.choice(people),
            started_at=at,
            method=AssignmentMethod.MANUAL,
            by_id=by,
            undone_at=at if is_undone else None,
        )
        session.add(line)
        session.flush()
        lines.append((line.to_member_id, line.counted_customer_id, at, is_undone))
        if is_undone:
            back = Assignment(
                order_id=order.id, started_at=at, method=AssignmentMethod.MANUAL, undoes_id=line.id
            )
            session.add(back)
    for _number in range(15):
        of, at, status = chance.choice(people), moments(chance), chance.choice(list(SaleStatus))
        amount, is_deleted = chance.randrange(10**9), chance.random() < 0.2
        SaleFactory(
            order=chance.choice(orders),
            consultant_id=of,
            sold_at=at,
            status=status,
            amount=amount,
            deleted_at=at if is_deleted else None,
        )
        sales.append((of, at, amount, status in COUNTED and not is_deleted))
    session.commit()
    return lines, sales


def is_in(at, span):
    first, end = span.bounds
    return first <= at < end


def test_another_organisation_is_not_counted(session, manager, stranger_organization):
    manager_id, organization_id, span = manager.id, manager.organization_id, Span(TODAY.first, TODAY.last)
    stranger_id, _sale = sales_of_a_stranger(session, stranger_organization)
    session.commit()
    with acting_as(session, Actor(stranger_organization.id, stranger_id)):
        assert dashboard.numbers(None, [span]) == [1]
        assert [each.count for each in dashboard.sales(None, [span])] == [1]
    with acting_as(session, Actor(organization_id, manager_id)):
        assert dashboard.numbers(None, [span, Span(TODAY.first - timedelta(days=90), TODAY.last)]) == [0, 0]
        assert [each.count for each in dashboard.sales(None, [span])] == [0]
        assert sum(dashboard.arrivals(None, span)) == 0
        assert league(span, team()).rows == []


@pytest.mark.parametrize("seed", range(6))
def test_equal_a_slow_count(session, manager, consultant, colleague, stranger_organization, seed):
    chance = random.Random(seed)
    session.add_all([consultant, colleague])
    people = [consultant.id, colleague.id]
    lines, sales = history(session, chance, people, manager.id)
    spans = [
        last_days(today(), 1),
        last_days(today(), 30),
        Span(today() - timedelta(days=60), today() - timedelta(days=20)),
    ]

    for of in (None, *people):
        mine = [line for line in lines if not line[3] and of in {None, line[0]}]
        sold = [sale for sale in sales if sale[3] and of in {None, sale[0]}]
        slow_numbers = [len({line[:2] for line in mine if is_in(line[2], span)}) for span in spans]
        slow_sales = [
            (
                sum(is_in(sale[1], span) for sale in sold),
                sum(sale[2] for sale in sold if is_in(sale[1], span)),
            )
            for span in spans
        ]
        days = last_days(today(), 36).days
        assert dashboard.numbers(of, spans) == slow_numbers
        assert [(each.count, each.amount) for each in dashboard.sales(of, spans)] == slow_sales
        assert dashboard.arrivals(of, last_days(today(), 36)) == [
            sum(is_in(line[2], Span(day, day)) for line in mine) for day in days
        ]
        assert [(each.count, each.amount) for each in dashboard.sales_by_day(of, last_days(today(), 36))] == [
            (
                sum(is_in(sale[1], Span(day, day)) for sale in sold),
                sum(sale[2] for sale in sold if is_in(sale[1], Span(day, day))),
            )
            for day in days
        ]

    table = league(spans[1], team())
    assert {row.member.id: (row.numbers, row.sales) for row in table.rows} == {
        of: (numbers, count)
        for of in people
        for numbers in [
            len({line[:2] for line in lines if line[0] == of and not line[3] and is_in(line[2], spans[1])})
        ]
        for count in [sum(is_in(sale[1], spans[1]) for sale in sales if sale[3] and sale[0] == of)]
        if numbers or count
    }
    assert table.customers == len({line[1] for line in lines if not line[3] and is_in(line[2], spans[1])})


def test_ranks_by_conversion_and_few_numbers_last():
    def row(key, numbers, sales):
        return Standing(TeamMember(key, f"n{key}", True, True, 0, None), numbers, 0, 0, sales, 0)

    rows = ranked([row(1, FEW_NUMBERS - 1, 40), row(2, 100, 10), row(3, FEW_NUMBERS, 20), row(4, 0, 0)])

    assert [(each.member.id, each.place) for each in rows] == [(3, 1), (2, 2), (1, None), (4, None)]


@pytest.mark.parametrize(
    ("counts", "median"),
    [({}, None), ({7: 1}, 7), ({1: 1, 9: 1}, 1), ({1: 1, 5: 1, 9: 1}, 5), ({3: 9, 400: 2}, 3)],
)
def test_the_median_is_the_middle_of_all(counts, median):
    assert contact._median(counts) == median


def test_a_month_compares_with_the_same_days_of_the_month_before():
    # 31 Shahrivar 1405; 31 Mordad. 30 Bahman; 30 Dey. Esfand 1405 has 29 days, so Farvardin's 31st is compared with its last.
    whole = Span(date(2026, 8, 23), date(2026, 9, 22))
    assert [to_jalali(each).day for each in (whole.month_before().first, whole.month_before().last)] == [
        1,
        31,
    ]
    spring = Span(date(2027, 3, 21), date(2027, 4, 20))
    before = spring.month_before()
    assert (to_jalali(before.first).month, to_jalali(before.first).day) == (12, 1)
    assert (to_jalali(before.last).month, to_jalali(before.last).day) == (12, 29)
    assert spring.before().last == spring.first - timedelta(days=1)
    assert len(spring.before().days) == len(spring.days)
