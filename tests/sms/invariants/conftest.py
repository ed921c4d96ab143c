"""Fixtures of the invariant tests: a campaign with queued or sent messages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.lib import clock
from app.services.sms.delivery.dispatch import drain
from app.tasks.sms import prepare
from models.tenancy.scope import bind
from tests.factories import CustomerFactory
from tests.sms.invariants.violations import (
    NOON,
    broken,
)
from tests.support import sms


@pytest.fixture(autouse=True)
def noon(session):
    """Noon in Tehran today: attempts use the real clock, and checks cover the last two days."""
    clock.start_at(datetime.combine(datetime.now(UTC).date(), NOON, UTC))


@pytest.fixture
def queued(session, acting, gateway):
    """A campaign with three queued messages."""
    key = sms.campaign([CustomerFactory() for _ in range(3)], acting.member_id).id
    prepare.run()
    bind(session, acting)
    return key


@pytest.fixture
def sent(session, acting, queued):
    """The same campaign with its messages accepted."""
    drain(5)
    bind(session, acting)
    assert broken() == set()
    return queued
