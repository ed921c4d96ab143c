"""Repeats whose first order is deleted while their customers are one: the undo of the merge names no deleted order."""

from __future__ import annotations

import pytest

from app.panel.records.delete import soft_delete
from app.services.merge.undo import undo_merge
from models.order import Order, OrderStatus
from models.organization import RepeatPolicy
from tests.factories import CustomerFactory, ProductFactory
from tests.sales.merge_steps import merged
from tests.sales.order_steps import place

OLD, NEW = "+989121110001", "+989121110002"


@pytest.fixture
def orders(session, organization, manager):
    """The order of the oldest customer; three of the other one, of which the later ones repeat the first."""
    organization.repeat_policy = RepeatPolicy.HOLD
    for mobile in (OLD, NEW):
        CustomerFactory(mobile=mobile)
    product = ProductFactory()
    rows = [place(product, mobile=mobile, days_ago=4 - at) for at, mobile in enumerate((OLD, NEW, NEW, NEW))]
    place(ProductFactory(), mobile=NEW)
    session.flush()
    return rows


def state(session, order):
    session.expire_all()
    row = session.get(Order, order.id)
    return row.status, row.is_repeat, row.repeat_of_id


def test_the_oldest_that_is_left_becomes_the_first(session, orders):
    oldest, first, second, third = orders
    assert state(session, third) == (OrderStatus.HELD, True, first.id)
    act = merged(oldest.customer, first.customer)
    assert state(session, third) == (OrderStatus.HELD, True, oldest.id)
    soft_delete(Order, [first.id])

    undo_merge(act)

    assert state(session, oldest) == (OrderStatus.NEW, False, None)
    assert state(session, second) == (OrderStatus.NEW, False, None)
    assert state(session, third) == (OrderStatus.HELD, True, second.id)
