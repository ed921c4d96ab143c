"""Fixtures of records."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.lib.clock import now
from app.panel.records.delete import soft_delete
from models.customer import Address
from models.follow_up import FollowUp
from models.order import Order
from models.tenancy.scope import Actor, bind
from tests.factories import ProductFactory


@pytest.fixture
def products(session, manager) -> list[int]:
    """Six products, of which four are called «زبان»."""
    titles = ["زبان ۱", "زبان ۲", "زبان ۳", "زبان ۴", "ریاضی", "فیزیک"]
    keys = [ProductFactory(title=title).id for title in titles]
    session.commit()
    return keys


@pytest.fixture
def small(monkeypatch):
    """Numbers small enough for a test: a job from three rows on, chunks of two."""
    monkeypatch.setattr("app.panel.bulk.routes.MOST_AT_ONCE", 2)
    monkeypatch.setattr("app.panel.bulk.job.CHUNK", 2)


@pytest.fixture
def delete(session, manager, organization):
    """Deletes rows as the manager, in one act, some days ago."""

    def done(*rows, days=0):
        bind(session, Actor(organization.id, manager.id))
        batch = soft_delete(type(rows[0]), [row.id for row in rows])
        for model in {type(rows[0]), Order, FollowUp, Address}:
            for row in session.scalars(
                select(model).where(model.delete_batch == batch), execution_options={"with_deleted": True}
            ):
                row.deleted_at = now() - timedelta(days=days)
        session.commit()
        return batch

    return done
