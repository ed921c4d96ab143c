"""The opt-out list has no number in clear, and works as if it had."""

import importlib.util
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import select, text, update

from app.checks.database import numbers_have_another_key
from app.lib.number_digest import digest_number
from app.services.sms.consent import find_opt_out, opt_in, opt_out, opted_out_among
from config import Config
from models.audit.event import AuditEvent
from models.customer import Customer
from models.sms.consent import OptOutSource, SmsOptOut
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import CustomerFactory

MOBILE, OTHER = "+989121234567", "+989351112233"
VERSIONS = Path(__file__).parents[2] / "models/migrations/versions"


def stored(session):
    """All values of the table as one text."""
    return str(session.connection().execute(text("SELECT * FROM sms_opt_outs")).mappings().all())


class TestTheTable:
    def test_has_the_last_digits_alone(self, session, manager):
        opt_out("۰۹۱۲ ۱۲۳ ۴۵۶۷", OptOutSource.MEMBER)
        session.commit()

        assert digest_number(MOBILE) in stored(session)
        assert "4567" in stored(session)
        assert "9121234567" not in stored(session)

    def test_the_trail_has_no_number(self, session, manager):
        opt_out(MOBILE, OptOutSource.MEMBER)
        session.commit()

        values = [str(event.after) for event in session.scalars(select(AuditEvent))]
        assert [each for each in values if "1234567" in each or digest_number(MOBILE) in each] == []

    def test_another_key_makes_another_digest(self, monkeypatch):
        first = digest_number(MOBILE)
        monkeypatch.setattr(Config, "NUMBERS_KEY", "another secret of the organisation")

        assert digest_number(MOBILE) != first
        assert digest_number(MOBILE) != digest_number(OTHER)


class TestFinding:
    def test_by_any_spelling(self, session, manager):
        opt_out(MOBILE, OptOutSource.INBOUND)

        assert find_opt_out("0912 123 4567").source is OptOutSource.INBOUND
        assert find_opt_out(OTHER) is None
        assert opted_out_among([MOBILE, OTHER]) == {MOBILE}
        opt_in("09121234567")
        assert find_opt_out(MOBILE) is None

    def test_of_another_organisation_finds_nothing(self, session, manager, stranger_organization):
        opt_out(MOBILE, OptOutSource.INBOUND)
        session.commit()

        with acting_as(session, Actor(stranger_organization.id)):
            assert find_opt_out(MOBILE) is None
            assert opted_out_among([MOBILE]) == set()

    def test_after_the_customer_was_erased(self, session, login, manager):
        customer = CustomerFactory(mobile=MOBILE)
        opt_out(MOBILE, OptOutSource.INBOUND)
        opt_out(OTHER, OptOutSource.INBOUND)
        session.commit()
        data = {"_step": "run", "digits": "4567"}

        assert login(manager).post(f"/customers/action/erase/{customer.id}", data=data).status_code == 302

        session.expire_all()
        assert find_opt_out(MOBILE).ending == ""
        assert find_opt_out(OTHER).ending == "2233"
        assert len(session.scalars(select(SmsOptOut)).all()) == 2
        assert CustomerFactory(mobile=MOBILE).opted_out


class TestThePage:
    def test_shows_the_last_digits(self, session, login, manager):
        opt_out(MOBILE, OptOutSource.INBOUND)
        session.commit()

        page = login(manager).get("/sms-opt-outs/").text

        assert "•••۴۵۶۷" in page
        assert "۱۲۳" not in page
        assert digest_number(MOBILE) not in page

    def test_refuses_what_is_no_number(self, session, login, manager):
        answer = login(manager).post("/sms-opt-outs/add", data={"mobile": "12"})

        assert answer.status_code == 422
        assert "شماره موبایل معتبر نیست" in answer.text
        assert session.scalars(select(SmsOptOut)).all() == []


def test_a_start_with_another_key_is_refused(session, manager, monkeypatch):
    connection = session.connection()
    assert list(numbers_have_another_key(connection)) == []
    opt_out(MOBILE, OptOutSource.MEMBER)
    session.flush()
    assert list(numbers_have_another_key(connection)) == []

    monkeypatch.setattr(Config, "NUMBERS_KEY", "another secret of the organisation")

    [sentence] = numbers_have_another_key(connection)
    assert "SECRET_KEY_FALLBACKS" in sentence


@pytest.fixture
def migration():
    spec = importlib.util.spec_from_file_location("migration", VERSIONS / "20261130_digests_of_opt_outs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(session, step):
    with Operations.context(MigrationContext.configure(session.connection())):
        step()


def test_the_migration_replaces_numbers_in_batches(session, manager, stranger_organization, migration):
    migration._BATCH = 1
    for number in (MOBILE, OTHER):
        CustomerFactory(mobile=number)
        opt_out(number, OptOutSource.INBOUND)
    session.flush()
    with acting_as(session, Actor(stranger_organization.id)):
        CustomerFactory(mobile=MOBILE)
        opt_out(MOBILE, OptOutSource.MEMBER)
        session.flush()

    run(session, migration.downgrade)
    assert MOBILE in stored(session)
    run(session, migration.upgrade)

    assert MOBILE not in stored(session)
    bind(session, Actor(manager.organization_id))
    session.expire_all()
    assert opted_out_among([MOBILE, OTHER]) == {MOBILE, OTHER}
    assert find_opt_out(OTHER).ending == "2233"
    with acting_as(session, Actor(stranger_organization.id)):
        assert opted_out_among([MOBILE, OTHER]) == {MOBILE}


def test_the_downgrade_loses_no_opt_out(session, manager, migration):
    opt_out(MOBILE, OptOutSource.INBOUND)
    session.execute(update(Customer).values(opted_out=False))
    session.flush()

    with pytest.raises(RuntimeError, match="1 opt-outs have no customer"):
        run(session, migration.downgrade)
