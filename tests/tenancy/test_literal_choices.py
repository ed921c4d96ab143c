"""Conditions on states and kinds are literals, and select the same rows as parameters would."""

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from models.order import Order, OrderStatus
from tests.factories import OrderFactory

NEW, HELD, ASSIGNED = OrderStatus.NEW, OrderStatus.HELD, OrderStatus.ASSIGNED
# Each condition with the states of the orders that it selects.
CONDITIONS = [
    (Order.status == NEW, [NEW]),
    (Order.status != NEW, [ASSIGNED, HELD]),
    (Order.status.in_([NEW, HELD]), [HELD, NEW]),
    (Order.status.in_({NEW}), [NEW]),
    (Order.status.in_([]), []),
    (Order.status.not_in((NEW, ASSIGNED)), [HELD]),
    (Order.status == NEW, [NEW]),
    (Order.status.between(NEW, NEW), [NEW]),
    (Order.status.is_(None), []),
    (Order.status == Order.status, [ASSIGNED, HELD, NEW]),
]


@pytest.fixture
def orders(session, manager):
    for status in (NEW, HELD, ASSIGNED):
        OrderFactory(status=status)
    session.flush()


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS)
def test_select_the_rows_of_these_states(session, orders, condition, expected):
    found = session.scalars(select(Order.status).where(condition)).all()
    assert sorted(found, key=lambda each: each.value) == expected


@pytest.mark.parametrize("dialect", [postgresql.dialect(), sqlite.dialect()], ids=["postgresql", "sqlite"])
@pytest.mark.parametrize("condition", [condition for condition, states in CONDITIONS[:6] if states])
def test_have_no_parameter(dialect, condition):
    text = str(condition.compile(dialect=dialect, compile_kwargs={"render_postcompile": True}))
    assert "'" in text
    assert not {"?", "%", ":"}.intersection(text)


def test_a_count_of_one_state_is_a_statement_of_its_own(session, orders, statements):
    statements.clear()
    for status in (NEW, HELD, NEW):
        assert session.scalar(select(func.count()).select_from(Order).where(Order.status == status)) == 1
    assert ["'new'" in each for each in statements] == [True, False, True]


def test_changes_and_deletions_find_their_rows(session, orders):
    changed = session.execute(update(Order).where(Order.status == NEW).values(status=HELD))
    assert changed.rowcount == 1
    assert sorted(each.value for each in session.scalars(select(Order.status))) == [
        "assigned",
        "held",
        "held",
    ]
    assert session.execute(delete(Order).where(Order.status == ASSIGNED)).rowcount == 1


def test_a_column_of_a_subquery_is_compared_alike(session, orders, statements):
    each = select(Order.status).subquery()
    statements.clear()
    assert session.scalar(select(func.count().filter(each.c.status == NEW)).select_from(each)) == 1
    assert "'new'" in statements[-1]
