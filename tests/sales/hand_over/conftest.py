"""Fixtures of work that is handed over."""

import pytest
from sqlalchemy import select

from app.lib.clock import now
from models.follow_up import FollowUp, FollowUpStatus
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, FollowUpFactory


@pytest.fixture
def whose(session, organization):
    def find():
        bind(session, Actor(organization.id))
        return dict(map(tuple, session.execute(select(FollowUp.order_id, FollowUp.consultant_id))))

    return find


@pytest.fixture
def customer(consultant, colleague, session):
    """A customer with an open follow-up, a closed one and a deleted one, each of the consultant."""
    customer = CustomerFactory(last_name="شریفی")
    rows = [FollowUpFactory(consultant_id=consultant.id, order__customer=customer) for _ in range(3)]
    rows[1].status = FollowUpStatus.LOST
    rows[2].deleted_at = now()
    session.commit()
    customer.rows = rows
    return customer
