"""After a customer was erased, nothing in any table or file names them, and everybody else is as before."""

import json
from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from app.extensions import db
from app.gateways.storage import storage
from app.lib.clock import now
from app.lib.mobile import display_mobile
from app.services.attachment.attach import Upload, attach
from app.services.audit.hash_chain import link_events
from app.services.audit.verification import verify_chain
from app.services.message.send import begin
from models.audit.event import AuditEvent
from models.customer import Address, Customer, CustomerPhone
from models.follow_up import FollowUpEntry, FollowUpStatus
from models.job import ExportFormat, ExportJob, JobStatus
from models.messages.thread import Thread
from models.notifications.notification import Notification
from models.sale import Sale
from models.sms.campaign import CampaignKind, SmsCampaign
from models.sms.message import MessageState, SmsMessage
from models.task import Task
from models.tenancy.scope import Actor, acting_as
from tests.factories import (
    CustomerFactory,
    FollowUpFactory,
    ResultTitleFactory,
    SaleFactory,
    TaskFactory,
    member,
)

MOBILE, PHONE = "+989123450817", "+982188997711"
FIRST, LAST = "گلاره", "شهنوازی"
LINE, EMAIL, CODE = "کوچهٔ ارغوان، پلاک ۱۷، واحد ۴", "golareh@example.ir", "0499370899"
NOTE = "هر شب پس از ساعت ۹ زنگ بزنید"
WORDS = (
    "9123450817",
    "۹۱۲ ۳۴۵ ۰۸۱۷",
    "2188997711",
    FIRST,
    LAST,
    "ارغوان",
    "golareh",
    CODE,
    "پس از ساعت ۹",
    "شنبه می‌آید",
)


def everything():
    """All values of all tables as one text, with the escapes of JSON resolved."""
    connection, found = db.session.connection(), []
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT set_config('app.unscoped', 'on', true)"))
    for table in db.metadata.sorted_tables:
        rows = connection.execute(table.select())
        found += [f"{table.name}: {json.dumps(list(map(str, row)), ensure_ascii=False)}" for row in rows]
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT set_config('app.unscoped', '', true)"))
    return found


def naming(words=WORDS):
    return [row[:300] for row in everything() if any(word in row for word in words)]


@pytest.fixture
def person(session, manager, consultant):
    """A customer with a row in every table that can name them."""
    customer = CustomerFactory(
        mobile=MOBILE, first_name=FIRST, last_name=LAST, email=EMAIL, national_id=CODE, note=NOTE
    )
    session.add_all(
        [
            Address(customer_id=customer.id, line=LINE, receiver=f"{FIRST} {LAST}"),
            CustomerPhone(customer_id=customer.id, number=PHONE, title="خانه"),
        ]
    )
    work = FollowUpFactory(
        consultant_id=consultant.id, order__customer=customer, status=FollowUpStatus.WON, closed_at=now()
    )
    work.order.note = NOTE
    sale = SaleFactory(consultant_id=consultant.id, order=work.order)
    sale.reason = f"{FIRST} {LAST} منصرف شد"
    title = ResultTitleFactory()
    session.add(
        FollowUpEntry(
            follow_up_id=work.id,
            customer_id=customer.id,
            result_title_id=title.id,
            note="گفت شنبه می‌آید",
            by_id=consultant.id,
            before={"mobile": MOBILE},
        )
    )
    TaskFactory(title=display_mobile(MOBILE), customer_id=customer.id, owner_id=consultant.id)
    session.flush()
    _message(session, customer, f"سلام {FIRST} {LAST}")
    session.add(
        Notification(
            member_id=consultant.id,
            kind="x",
            section="follow-ups",
            row_id=work.id,
            address="/follow-ups/",
            params={"name": f"{FIRST} {LAST}"},
            act="a",
        )
    )
    session.commit()
    attach(customer, [Upload("کارت ملی.txt", BytesIO(f"{FIRST} {LAST}".encode()))])
    session.commit()
    customer.note = f"{NOTE} - دوباره"
    session.commit()
    return customer


def _message(session, customer, body):
    campaign = SmsCampaign(
        client_token=uuid4(),
        kind=CampaignKind.SINGLE,
        body="{نام}",
        expires_at=now(),
        confirmed_at=now(),
    )
    session.add(campaign)
    session.flush()
    session.add(
        SmsMessage(
            campaign_id=campaign.id,
            customer_id=customer.id,
            mobile=customer.mobile,
            body=body,
            segments=1,
            local_id=4711 + customer.id,
            state=MessageState.EXPIRED,
            not_before=now(),
            expires_at=now(),
        )
    )


@pytest.fixture
def talk(session, manager, colleague):
    """A private conversation that names the person."""
    thread = Thread(subject=f"دربارهٔ {FIRST} {LAST}", created_by_id=manager.id)
    begin(thread, [colleague.id], f"شمارهٔ {FIRST} {LAST} این است: 09123450817", ())
    session.commit()


@pytest.fixture
def exported(session, manager):
    stored = storage().save(BytesIO(f"{FIRST},{MOBILE}".encode()))
    job = ExportJob(
        client_token=uuid4(),
        section="customers",
        query=f"q={MOBILE}",
        columns=[],
        file_format=ExportFormat.CSV,
        total=1,
        original_name="مشتریان.csv",
        stored_name=stored.name,
        status=JobStatus.DONE,
    )
    session.add(job)
    session.commit()
    return stored.name


def erase(browser, customer_id, digits="0817", **fields):
    data = {"_step": "run", "digits": digits, **fields}
    return browser.post(f"/customers/action/erase/{customer_id}", data=data)


class TestErased:
    def test_nothing_names_the_person_any_more(self, app, session, login, manager, person, exported, talk):
        link_events()
        session.commit()
        key, browser = person.id, login(manager)
        assert len(naming()) > 12
        files = [storage().path(exported)]

        assert erase(browser, key).status_code == 302

        session.expire_all()
        assert naming() == []
        assert [path for path in files if path.exists()] == []
        stored = [
            storage().path(entry.name).read_bytes().decode("utf-8", "ignore") for entry in storage().entries()
        ]
        assert [each for each in stored if FIRST in each or MOBILE in each] == []

    def test_the_chain_of_events_holds_and_has_an_event_without_values(self, session, login, manager, person):
        key = person.id
        erase(login(manager), key)

        link_events()
        session.commit()
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
        assert (event.action, event.object_type, event.object_id) == ("erase", "Customer", key)
        assert FIRST not in json.dumps([event.before, event.after], ensure_ascii=False)
        assert verify_chain().broken_at is None

    def test_sales_and_their_amounts_stay_without_a_person(self, session, login, manager, person):
        before = session.execute(select(Sale.id, Sale.amount, Sale.sold_at, Sale.status)).all()

        erase(login(manager), person.id)

        session.expire_all()
        assert session.execute(select(Sale.id, Sale.amount, Sale.sold_at, Sale.status)).all() == before
        [page] = [login(manager).get("/sales/").text]
        assert "مشتری حذف‌شده" in page
        assert session.scalar(select(Task.title)) == "مشتری حذف‌شده"

    def test_the_customer_is_in_no_list_and_has_no_page(self, session, login, manager, person):
        browser, key = login(manager), person.id
        erase(browser, key)

        assert f'data-pk="{key}"' not in browser.get("/customers/").text
        assert browser.get(f"/customers/show/{key}").status_code == 404
        assert erase(browser, key).status_code == 404

    def test_the_same_number_is_a_new_customer_afterwards(self, session, login, manager, person):
        erase(login(manager), person.id)

        again = CustomerFactory(mobile=MOBILE)
        session.commit()

        assert session.get(Customer, again.id).mobile == MOBILE


class TestOthers:
    def test_are_unharmed(self, session, login, manager, consultant, person):
        other = CustomerFactory(first_name=FIRST, last_name=LAST, note="مشتری دیگر", mobile="+989351112233")
        work = FollowUpFactory(consultant_id=consultant.id, order__customer=other)
        session.add(Address(customer_id=other.id, line=LINE))
        _message(session, other, f"سلام {FIRST} {LAST}")
        session.commit()
        key, words = other.id, f"{FIRST} {LAST}"

        erase(login(manager), person.id)

        session.expire_all()
        found = session.get(Customer, key)
        assert (found.name, found.note, found.mobile) == (words, "مشتری دیگر", "+989351112233")
        assert session.scalar(select(Address.line).where(Address.customer_id == key)) == LINE
        assert session.scalar(select(SmsMessage.body).where(SmsMessage.customer_id == key)) == f"سلام {words}"
        assert work.closed_at is None

    def test_of_another_organisation_are_unharmed(
        self, session, login, manager, stranger_organization, person
    ):
        key = person.id
        with acting_as(session, Actor(stranger_organization.id)):
            stranger = member("Manager", stranger_organization, "far-manager")
        with acting_as(session, Actor(stranger_organization.id, stranger.id)):
            theirs = CustomerFactory(mobile=MOBILE, first_name=FIRST, last_name=LAST, note=NOTE).id
            session.commit()

        assert erase(login(manager), key).status_code == 302

        with acting_as(session, Actor(stranger_organization.id)):
            found = session.get(Customer, theirs)
            assert (found.mobile, found.name, found.note) == (MOBILE, f"{FIRST} {LAST}", NOTE)
            events = session.scalars(select(AuditEvent)).all()
            assert {event.erased_at for event in events} == {None}
            assert FIRST in json.dumps([event.after for event in events], ensure_ascii=False)
