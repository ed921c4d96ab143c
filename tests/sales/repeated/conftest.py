"""Fixtures of repeated orders."""

from __future__ import annotations

import pytest

from app.services.assignment.assign import assign
from models.order import Order
from models.tenancy.scope import Actor, bind
from tests.factories import ProductFactory
from tests.support.orders import place


@pytest.fixture
def product(manager):
    return ProductFactory(code="P-101")


@pytest.fixture
def pair(session, product, manager, consultant):
    """(the first order, with an open follow-up of the consultant; its repeat)."""
    first, repeat = place(product, day=-3), place(product)
    assign(first, consultant, by=manager)
    session.commit()
    return first.id, repeat.id


@pytest.fixture
def alone(session, product, manager):
    """(a first order without a follow-up; its repeat)."""
    first, repeat = (place(product, day=day, mobile="+989120000001") for day in (-2, 0))
    session.commit()
    return first.id, repeat.id


@pytest.fixture
def state(session, organization):
    def read(key):
        bind(session, Actor(organization.id))
        session.expire_all()
        order = session.get(Order, key)
        return order.status, order.is_repeat, order.repeat_decision

    return read
