"""F22 (S18): `Customer.opted_out` follows the opt-out list on every path."""

from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.lib.number_digest import digest_number
from app.services.imports.describe import describe
from app.services.imports.jobs import queue_import, receive_file
from app.services.imports.run import run_import
from app.services.order.place import place_order
from app.services.sms.consent import find_opt_out, opt_in, opt_out
from models.customer import Customer
from models.sms.consent import OptOutSource, SmsOptOut
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import CustomerFactory, ProductFactory, member

MOBILE = "+989121234567"
INBOUND, MEMBER = OptOutSource.INBOUND, OptOutSource.MEMBER


@pytest.fixture
def listed(session, manager):
    """A number on the opt-out list without a customer."""
    opt_out(MOBILE, INBOUND)
    session.commit()


def living(session, organization) -> Customer:
    bind(session, Actor(organization.id))
    session.expire_all()
    return session.scalars(select(Customer).where(Customer.mobile == MOBILE)).one()


def take_in(session, mobile: str) -> None:
    data = f"موبایل,محصول\n{mobile},{ProductFactory().code}\n".encode()
    job = receive_file(BytesIO(data), name="orders.csv", client_token=uuid4())
    queue_import(job, describe(job).mapping)
    for _step in run_import(job):
        session.commit()


class TestF22ANewRowOfAListedNumberIsMarked:
    def test_imported(self, session, listed, login, manager, organization):
        take_in(session, "۰۹۱۲ ۱۲۳ ۴۵۶۷")
        take_in(session, "09121234568")

        assert living(session, organization).opted_out
        browser = login(manager)
        assert "۴۵۶۷" in browser.get("/customers/?f_opted_out=1").text
        assert "۴۵۶۷" not in browser.get("/customers/?f_opted_out=0").text
        assert "۴۵۶۸" in browser.get("/customers/?f_opted_out=0").text

    def test_ordered(self, session, listed, organization):
        place_order(customer_fields={"mobile": MOBILE}, product=ProductFactory())

        assert living(session, organization).opted_out

    def test_added_by_the_form(self, session, listed, login, manager, organization):
        assert login(manager).post("/customers/add", data={"mobile": "09121234567"}).status_code == 302

        assert living(session, organization).opted_out

    def test_given_the_number_later(self, session, listed, login, manager, organization):
        person = CustomerFactory(mobile="09121111111")
        session.commit()
        login(manager).post(f"/customers/edit/{person.id}", data={"mobile": "09121234567"})

        assert living(session, organization).opted_out

    def test_restored(self, session, manager, login, organization):
        person = CustomerFactory(mobile=MOBILE)
        session.commit()
        key, browser = person.id, login(manager)
        browser.post(f"/customers/delete/{key}")
        bind(session, Actor(organization.id))
        batch = session.scalar(
            select(Customer.delete_batch).where(Customer.id == key), execution_options={"with_deleted": True}
        )
        opt_out(MOBILE, INBOUND)
        session.commit()

        browser.post(f"/customers/undo/{batch}")

        assert living(session, organization).opted_out

    def test_of_another_organisation_is_not(self, session, listed, stranger_organization):
        with acting_as(session, Actor(stranger_organization.id)):
            assert not CustomerFactory(mobile=MOBILE).opted_out

    def test_of_a_number_that_left_the_list_is_not(self, session, listed, organization):
        opt_in(MOBILE)

        assert not CustomerFactory(mobile=MOBILE).opted_out


class TestF22TheListFollowsTheMark:
    @pytest.mark.parametrize("ticked", [True, False])
    def test_of_a_form(self, session, manager, login, organization, ticked):
        person = CustomerFactory(mobile=MOBILE, opted_out=not ticked)
        session.commit()
        form = {"mobile": MOBILE} | ({"opted_out": "y"} if ticked else {})

        assert login(manager).post(f"/customers/edit/{person.id}", data=form).status_code == 302

        assert living(session, organization).opted_out is ticked
        assert bool(find_opt_out(MOBILE)) is ticked

    def test_of_a_new_row(self, session, manager):
        CustomerFactory(mobile=MOBILE, opted_out=True)
        CustomerFactory(mobile="09121234568")

        assert session.scalars(select(SmsOptOut.number_digest)).all() == [digest_number(MOBILE)]

    def test_but_a_receivers_opt_out_stays(self, session, manager, login, organization):
        person = CustomerFactory(mobile=MOBILE)
        opt_out(MOBILE, INBOUND)
        session.commit()

        answer = login(manager).post(f"/customers/edit/{person.id}", data={"mobile": MOBILE, "city": "یزد"})

        assert answer.status_code == 422
        assert "«۱۲»" in answer.text
        assert living(session, organization).opted_out
        assert find_opt_out(MOBILE)

    def test_of_a_consultant_who_does_not_see_the_customer(self, session, manager, organization):
        CustomerFactory(mobile=MOBILE)
        person = member("Consultant", organization, "other")
        session.commit()
        with acting_as(session, Actor(organization.id, person.id, own=True)):
            opt_out(MOBILE, MEMBER)
            session.commit()

        assert living(session, organization).opted_out
