"""Fixtures of the audit trail."""

import pytest
from sqlalchemy import select

from models.audit.event import AuditEvent
from models.product import Product
from tests.factories import ProductFactory


@pytest.fixture
def told(session):
    """Runs an act and returns the events that it left."""

    def events_of(act) -> list[AuditEvent]:
        session.commit()
        statement = select(AuditEvent).order_by(AuditEvent.id)
        known = {event.id for event in session.scalars(statement)}
        act()
        return [event for event in session.scalars(statement) if event.id not in known]

    return events_of


@pytest.fixture
def product(manager) -> Product:
    return ProductFactory(title="دوره مالی", code="F-1", price=50_000_000)
