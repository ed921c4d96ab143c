"""Fixtures of timelines."""

from __future__ import annotations

import pytest

from app.lib import clock
from app.lib.clock import now
from app.lib.jalali import TEHRAN
from tests.factories import CustomerFactory
from tests.support.timelines import follow_up


@pytest.fixture
def customer(consultant):
    return CustomerFactory(last_name="احمدی")


@pytest.fixture
def mine(customer, consultant):
    return follow_up(customer, consultant)


@pytest.fixture
def at_noon():
    """What happens a few minutes earlier is of the same day."""
    clock.start_at(now().astimezone(TEHRAN).replace(hour=12))
    yield
    clock.reset()
