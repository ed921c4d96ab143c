"""The chain through the trail: it holds while nobody touches it, and tells where somebody did."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from app.lib import clock
from app.services.audit.event_hash import hash_of
from app.services.audit.hash_chain import GENESIS, find_unlinked, link_events
from app.services.audit.verification import verify_chain
from app.tasks.audit import link_chains, verify_chains
from models.audit.event import AuditEvent
from models.organization import Organization
from models.tenancy.scope import Actor, acting_as
from tests.factories import ProductFactory

TRIGGERS = tuple(f"keep_audit_events_{name}" for name in ("change", "delete", "link", "values"))


@pytest.fixture
def events(session, manager):
    """Adds events of the acting organisation, each in a transaction of its own."""

    def add(number: int) -> list[AuditEvent]:
        for _turn in range(number):
            ProductFactory()
            session.commit()
        return list(session.scalars(select(AuditEvent).order_by(AuditEvent.id)))

    return add


@pytest.fixture
def forge(session):
    """Writes past the guard, as only the owner of the tables can who takes it off first."""

    def run(statement: str) -> None:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit_events DISABLE TRIGGER keep_audit_events"))
            connection.execute(text(statement))
            connection.execute(text("ALTER TABLE audit_events ENABLE TRIGGER keep_audit_events"))
        else:
            guards = connection.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            ).all()
            for name in TRIGGERS:
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(text(statement))
            for name, created in guards:
                if name in TRIGGERS:
                    connection.execute(text(created))
        session.expire_all()

    return run


def test_each_link_takes_up_the_one_before(events):
    first, second = events(2)

    assert link_events() == 2

    assert first.previous_hash == GENESIS
    assert second.previous_hash == first.hash == hash_of(first, GENESIS)


def test_the_chain_goes_on_where_the_last_job_ended(session, events):
    events(3)

    assert [link_events(2), link_events(2), link_events(2)] == [2, 1, 0]

    verdict = verify_chain()
    assert (verdict.links, verdict.broken_at, verdict.unlinked) == (3, None, 0)


def test_events_committed_late_join_after_those_with_greater_keys(session, events):
    (prompt,) = events(1)
    link_events()
    late = AuditEvent(id=prompt.id - 1, action="edit", object_type="Product")
    session.add(late)
    session.commit()

    link_events()

    assert late.previous_hash == prompt.hash
    assert verify_chain().broken_at is None


def test_a_clock_that_was_set_back_does_not_break_the_chain(events):
    events(1)
    link_events()
    events(1)
    clock.start_at(datetime(2020, 1, 1, tzinfo=UTC))
    link_events()
    clock.reset()

    assert verify_chain().broken_at is None
    assert verify_chain().links == 2


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE audit_events SET action = 'nothing' WHERE id = {id}",
        "UPDATE audit_events SET actor_id = NULL WHERE id = {id}",
        """UPDATE audit_events SET after = '{{"price": 1}}' WHERE id = {id}""",
        "UPDATE audit_events SET ip = '10.0.0.1' WHERE id = {id}",
        "UPDATE audit_events SET at = '2020-01-01 00:00:00' WHERE id = {id}",
    ],
)
def test_an_event_that_was_altered_is_named(events, forge, forgery):
    _first, second, _third = events(3)
    link_events()

    forge(forgery.format(id=second.id))

    verdict = verify_chain()
    assert (verdict.links, verdict.broken_at) == (1, second.id)


def test_an_event_that_was_taken_out_leaves_a_gap(events, forge):
    _first, second, third = events(3)
    link_events()

    forge(f"DELETE FROM audit_events WHERE id = {second.id}")

    assert verify_chain().broken_at == third.id


def test_an_event_that_was_put_in_does_not_fit(session, events, forge):
    first, _second = events(2)
    link_events()
    copied = "organization_id, at, action, object_type, chained_at, previous_hash, hash"

    forge(f"INSERT INTO audit_events ({copied}) SELECT {copied} FROM audit_events WHERE id = {first.id}")

    assert verify_chain().broken_at not in {None, first.id}


def test_organisations_have_chains_of_their_own(session, events, organization, stranger_organization):
    keys = {slug: key for slug, key in session.execute(select(Organization.slug, Organization.id))}  # noqa: C416 - rows
    ours, theirs = organization.id, stranger_organization.id
    events(2)
    with acting_as(session, Actor(theirs)):
        session.add(AuditEvent(action="edit", object_type="Product"))
    session.commit()
    everybody = select(AuditEvent.organization_id)
    owners = session.scalars(everybody, execution_options={"unscoped": True}).all()

    # One further organisation has no events.
    assert sorted(find_unlinked()) == sorted([ours, theirs])
    assert link_chains() == len(owners)

    assert find_unlinked() == []
    verdicts = verify_chains()
    assert set(verdicts) == set(keys)
    for slug, verdict in verdicts.items():
        assert (verdict.links, verdict.broken_at) == (owners.count(keys[slug]), None)


def test_the_command_says_where_a_trail_is_broken(app, session, events, forge, organization):
    slug = organization.slug
    second = events(2)[1].id
    link_chains()
    run = app.test_cli_runner()

    sound = run.invoke(args=["verify-audit"])
    forge(f"UPDATE audit_events SET action = 'nothing' WHERE id = {second}")
    session.commit()
    broken = run.invoke(args=["verify-audit"])

    assert sound.exit_code == 0
    assert slug in sound.output
    assert broken.exit_code == 1
    assert "شکسته" in broken.output
