"""`prune-audit` deletes old events as the owner of the tables, and leaves a chain that holds."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.lib import clock
from app.lib.clock import now
from app.services.audit.hash_chain import link_events
from app.services.audit.verification import verify_chain
from models.audit.event import AuditEvent
from models.tenancy.scope import Actor, acting_as
from tests.factories import ProductFactory

pytestmark = pytest.mark.postgresql  # on SQLite nobody but the panel owns the tables


def test_old_events_are_deleted_and_young_ones_stay(app, committed, arena):
    manager = arena.member("Manager", "arena-manager")
    with acting_as(committed, Actor(arena.organization_id, manager)):
        clock.start_at(now() - timedelta(days=800))
        old = add_event(committed)
        clock.reset()
        young = add_event(committed)

        printed = app.test_cli_runner().invoke(args=["prune-audit"])

        assert printed.exit_code == 0, printed.output
        left = set(committed.scalars(select(AuditEvent.id)))
        assert (old in left, young in left) == (False, True)
        assert verify_chain().broken_at is None


def add_event(session):
    ProductFactory()
    session.commit()
    link_events()
    session.commit()
    return session.scalars(select(AuditEvent.id).order_by(AuditEvent.id.desc()).limit(1)).one()
