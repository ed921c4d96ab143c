"""Values of events are erased with a person, old events are pruned, and the rest of the chain stays verifiable."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, null, select, text, update
from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.lib.clock import now
from app.services.audit import hash_chain
from app.services.audit.erasure import erase_values
from app.services.audit.event_hash import hash_of
from app.services.audit.hash_chain import GENESIS, link_events
from app.services.audit.prune import prune
from app.services.audit.verification import verify_chain
from models.audit.event import AuditAnchor, AuditEvent
from models.tenancy.row_security import lift_policies
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, ProductFactory


@pytest.fixture
def people(session, manager):
    """Two customers whose events name them."""

    def add(name):
        row = CustomerFactory(last_name=name, note=f"یادداشت {name}")
        # Each in an event of its own.
        session.commit()
        return row

    return [add("احمدی"), add("رضایی")]


def events_of(session, row):
    session.expire_all()
    mine = select(AuditEvent).where(AuditEvent.object_type == "Customer", AuditEvent.object_id == row.id)
    return session.scalars(mine.order_by(AuditEvent.id)).all()


def erase(session, row):
    count = erase_values({"Customer": [row.id]}, [row.mobile], at=now())
    session.commit()
    return count


class TestErasedValues:
    def test_are_gone_and_those_of_others_stay(self, session, people):
        gone, other = people

        assert erase(session, gone) == 1

        [event], [left] = events_of(session, gone), events_of(session, other)
        assert (event.before, event.after, event.salt) == (None, None, None)
        assert (event.action, event.actor_id is not None) == ("add", True)
        assert left.after["last_name"] == "رضایی"

    def test_leave_a_chain_that_holds(self, session, people):
        link_events()
        head = verify_chain().head

        erase(session, people[0])

        assert (verify_chain().head, verify_chain().broken_at) == (head, None)

    def test_are_found_by_a_text_in_the_event_of_another_row(self, session, people):
        gone, other = people
        other.note = f"شمارهٔ دیگرش {gone.mobile}"
        session.commit()

        assert erase(session, gone) == 2
        assert [event.after is None for event in events_of(session, other)] == [False, True]

    def test_are_found_by_persian_letters_in_the_event_of_another_row(self, session, people):
        _gone, other = people
        other.note = "خواهرش «مهناز» است"
        session.commit()

        count = erase_values({"Customer": []}, ["«مهناز»"], at=now())
        session.commit()

        assert count == 1
        assert [event.after is None for event in events_of(session, other)] == [False, True]

    def test_are_not_those_of_another_organisation(self, session, stranger_organization, people):
        key, mobile = people[0].id, people[0].mobile
        with acting_as(session, Actor(stranger_organization.id, people[0].created_by_id)):
            CustomerFactory(mobile=mobile)
            session.commit()

        erase_values({"Customer": [key]}, [mobile], at=now())
        session.commit()

        with acting_as(session, Actor(stranger_organization.id)):
            assert [event.erased_at for event in session.scalars(select(AuditEvent))] == [None]

    def test_of_events_that_were_linked_before_digests_leave_a_chain_that_holds(
        self, session, people, monkeypatch
    ):
        monkeypatch.setattr(hash_chain, "digest_of", lambda _event: None)
        link_events()
        session.commit()
        monkeypatch.undo()
        assert verify_chain().broken_at is None
        assert {event.values_digest for event in session.scalars(select(AuditEvent))} == {None}

        erase(session, people[0])

        assert verify_chain().broken_at is None

    @pytest.mark.parametrize(
        "forged",
        [
            {"before": {"last_name": "کسی"}},
            {"after": {"last_name": "کسی"}},
            {"erased_at": now(), "before": null(), "after": null(), "salt": null(), "seal": "0" * 64},
        ],
    )
    def test_are_not_forged(self, session, people, forged):
        link_events()
        session.commit()
        key = events_of(session, people[0])[0].id
        is_erasing = "erased_at" in forged
        change = update(AuditEvent).where(AuditEvent.id == key).values(**forged)

        if is_erasing:
            session.execute(change.execution_options(synchronize_session=False))
            session.expire_all()
            assert verify_chain().broken_at == key
        else:
            with pytest.raises(DBAPIError), session.begin_nested():
                session.execute(change.execution_options(synchronize_session=False))

    def test_are_erased_once(self, session, people):
        erase(session, people[0])
        [event] = events_of(session, people[0])

        again = update(AuditEvent).where(AuditEvent.id == event.id).values(erased_at=now(), before=null())
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(again.execution_options(synchronize_session=False))

    def test_hash_is_of_the_digest(self, session, people):
        link_events()
        [event] = events_of(session, people[0])

        assert event.hash == hash_of(event, event.previous_hash)
        assert "احمدی" not in str(event.values_digest)


class TestPruning:
    @pytest.fixture
    def pruned(self, session):
        """Prunes what is older than the moment, on the connection of the test."""

        def run(organization_id, before):
            connection = session.connection()
            lift_policies(connection)
            count = prune(connection, organization_id, before=before)
            session.expire_all()
            return count

        return run

    @pytest.fixture
    def three(self, session, manager, organization):
        for _turn in range(3):
            ProductFactory()
            session.commit()
        link_events()
        session.commit()
        return session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()

    def test_leaves_the_young_ones_and_a_chain_that_holds(self, session, organization, three, pruned):
        head, keys = verify_chain().head, [event.id for event in three]

        assert pruned(organization.id, three[2].at) == 2

        verdict = verify_chain()
        assert list(session.scalars(select(AuditEvent.id))) == keys[2:]
        assert (verdict.links, verdict.head, verdict.broken_at) == (3, head, None)

    def test_goes_on_linking_where_all_were_pruned(self, session, organization, three, pruned):
        head = verify_chain().head
        assert pruned(organization.id, now() + timedelta(days=1)) == 3

        ProductFactory()
        session.commit()
        link_events()

        [event] = session.scalars(select(AuditEvent)).all()
        assert (event.previous_hash, verify_chain().links) == (head, 4)

    def test_of_nothing_writes_no_anchor(self, session, organization, three, pruned):
        assert pruned(organization.id, three[0].at - timedelta(days=1)) == 0
        assert session.scalars(select(AuditAnchor)).all() == []

    def test_spares_the_events_of_others(self, session, three, stranger_organization, pruned):
        with acting_as(session, Actor(stranger_organization.id)):
            assert pruned(stranger_organization.id, now() + timedelta(days=1)) == 0

        assert verify_chain().links == 3

    def test_is_noticed_without_a_signature(self, session, organization, three, pruned):
        pruned(organization.id, three[2].at)
        session.connection().execute(text("UPDATE audit_anchors SET links = 99"))
        session.expire_all()

        assert verify_chain().broken_at is not None

    def test_is_refused_to_the_panel(self, session, three):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(delete(AuditEvent).execution_options(synchronize_session=False))

        assert verify_chain().head != GENESIS
        assert db.session.scalars(select(AuditEvent.id)).all() != []
