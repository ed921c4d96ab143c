"""Fixtures of the support of sales."""

from __future__ import annotations

import pytest

from tests.factories import FollowUpFactory, SaleFactory, member


@pytest.fixture
def agent(organization, manager):
    return member("SupportAgent", organization)


@pytest.fixture
def sale(session, manager, consultant):
    work = FollowUpFactory(consultant_id=consultant.id, order__customer__last_name="احمدی")
    row = SaleFactory(consultant_id=consultant.id, order=work.order)
    session.commit()
    return row
