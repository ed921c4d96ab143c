"""Fixtures of the delivery tests: noon in Tehran, a fake provider, and a campaign that is sent."""

from __future__ import annotations

import pytest

from app.lib import clock
from app.services.sms.delivery.dispatch import drain
from app.services.sms.invariants.checks import check
from app.tasks.sms import prepare
from models.tenancy.scope import bind
from tests.factories import CustomerFactory
from tests.sms.delivery.steps import NOON
from tests.support import sms


@pytest.fixture(autouse=True)
def noon(session):
    clock.start_at(NOON)


@pytest.fixture(autouse=True)
def no_invariant_is_violated(session, noon):
    yield
    assert [finding for finding in check() if not finding.holds] == []


@pytest.fixture
def work(session, acting):
    """Runs the given tasks (default: prepare, then send); then the session acts for the manager."""

    def run(*ticks):
        for tick in ticks or (prepare.run, lambda: drain(5)):
            tick()
        bind(session, acting)

    return run


@pytest.fixture
def send(session, acting, work):
    """Creates a campaign for new customers and sends its messages."""

    def run(number=3, **fields):
        key = sms.campaign([CustomerFactory() for _ in range(number)], acting.member_id, **fields).id
        work()
        return key

    return run
