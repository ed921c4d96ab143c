"""A manager gets everything that is stored about one customer, and about nobody else."""

import pytest
from flask_appbuilder.security.sqla.models import Role
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from app.extensions import appbuilder
from app.gateways.storage import storage
from app.lib.clock import now
from app.services.erasure.stored import TABLES
from app.tasks.export import run_export
from models.audit.event import AuditEvent
from models.customer import Customer
from models.dossier import Dossier
from models.follow_up import FollowUp, FollowUpEntry, FollowUpStatus
from models.job import ExportJob, JobStatus
from models.order import Order
from models.sale import Sale, SaleItem
from models.sms.consent import SmsBlock, SmsInbound
from models.support import SupportEntry
from models.tenancy.criteria import tenant_models
from models.transaction import PaymentMethod, Transaction
from tests.factories import CustomerFactory, ProductFactory, ResultTitleFactory, member
from tests.sales.merge_steps import furnished, merged
from tests.support.timelines import provider, sent

MOBILE, FORMER, OTHER = "+989123450817", "+989123450818", "+989351112233"
HEADINGS = "بخش | موضوع | زمان | جزئیات"
URL = "/customer-data/"


@pytest.fixture
def written(session, organization):
    """Runs the job of a member; returns the job and the lines of its file as texts."""

    def run(browser, key):
        assert browser.post(f"{URL}export", data={"_token": "1", "customer": key}).status_code == 302
        job_id = session.scalars(select(ExportJob.id).order_by(ExportJob.id.desc())).first()
        session.commit()
        run_export(job_id, organization.id)
        session.expire_all()
        job = session.get(ExportJob, job_id)
        if job.stored_name is None:
            return job, []
        sheet = CalamineWorkbook.from_path(storage().path(job.stored_name)).get_sheet_by_index(0)
        return job, [" | ".join(map(str, line)) for line in sheet.to_python()]

    return run


def having(lines, *words):
    return [line for line in lines if all(word in line for word in words)]


def talk(session, customer, manager, word):
    """A text to the customer, and one from them, both with *word*."""
    line = provider(f"خط {word}")
    work = session.scalars(select(FollowUp).where(FollowUp.customer_id == customer.id)).one()
    sent(work, f"پیامک به {word}", manager, line)
    answer(session, line, customer.mobile, f"پاسخ {word}")


def answer(session, line, mobile, text):
    row = SmsInbound(
        provider_id=line.id, provider_message_id=text, mobile=mobile, text=text, received_at=now()
    )
    session.add(row)


def fill(session, customer, manager, word):
    """Texts with *word* in the notes and names of the rows of the customer."""
    customer.note, customer.dossier = f"یادداشت {word}", Dossier(legal_name=f"شرکت {word}")
    order, sale, work = (
        session.scalars(select(model).where(model.customer_id == customer.id)).one()
        for model in (Order, Sale, FollowUp)
    )
    order.note, sale.reason = f"سفارش {word}", f"دلیل {word}"
    spoken = {"result_title_id": ResultTitleFactory().id, "by_id": manager.id, "note": f"گفتگو {word}"}
    product = ProductFactory(title=f"محصول {word}")
    session.add_all(
        [
            FollowUpEntry(follow_up_id=work.id, **spoken),
            SupportEntry(sale_id=sale.id, **spoken),
            SaleItem(sale_id=sale.id, product_id=product.id, quantity=2, price=1000, amount=2000),
            Transaction(sale_id=sale.id, method=PaymentMethod.CARD, amount=500_000, bank=f"بانک {word}"),
            SmsBlock(mobile=customer.mobile, reason=f"مسدود {word}"),
        ]
    )
    talk(session, customer, manager, word)
    session.commit()


@pytest.fixture
def person(session, manager, consultant):
    row = furnished(11, manager=manager, consultant=consultant, mobile=MOBILE)
    fill(session, row, manager, "اول")
    return row


@pytest.fixture
def neighbour(session, manager, consultant, person):
    row = furnished(22, manager=manager, consultant=consultant, mobile=OTHER)
    fill(session, row, manager, "دوم")
    return row


WORDS = (
    ("مشتری", "رضایی 11"),
    ("۰۹۱۲ ۳۴۵ ۰۸۱۷",),
    ("یادداشت اول",),
    ("شرکت اول",),
    ("خیابان 11",),
    ("کوچهٔ 11",),
    ("۰۲۱",),
    ("سفارش اول",),
    ("پیگیری",),
    ("نتیجه", "گفتگو اول"),
    ("پشتیبانی", "گفتگو اول"),
    ("دلیل اول",),
    ("قلم", "محصول اول"),
    ("بانک اول", "۵۰٬۰۰۰"),
    ("پیامک به اول",),
    ("پاسخ اول",),
    ("مسدود اول",),
    ("11.txt",),
    ("رویدادها", "یادداشت اول"),
)


class TestTheFile:
    def test_has_everything_about_the_customer(self, login, manager, person, neighbour, written):
        job, lines = written(login(manager), person.id)

        assert lines[0] == HEADINGS
        assert job.done == len(lines) - 1
        for words in WORDS:
            assert having(lines, *words), words

    def test_has_nothing_of_other_customers(self, login, manager, person, neighbour, written):
        _job, lines = written(login(manager), person.id)

        assert having(lines, "اول")
        for word in ("دوم", "۰۹۳۵ ۱۱۱ ۲۲۳۳", "رضایی 22", "22.txt"):
            assert having(lines, word) == [], word

    def test_has_what_is_in_the_trash(self, session, login, manager, person, written):
        browser = login(manager)
        sale = session.scalars(select(Sale).where(Sale.customer_id == person.id)).one()
        sale.deleted_at = now()
        session.commit()

        _job, lines = written(browser, person.id)

        assert having(lines, "دلیل اول", "در سطل زباله")
        assert not having(lines, "سفارش اول", "در سطل زباله")

    def test_has_merged_customers(self, session, login, manager, person, neighbour, written):
        merged(person, neighbour)
        session.commit()

        _job, lines = written(login(manager), person.id)

        assert [line for line in lines if line.startswith("مشتری | علی رضایی 22 |")]
        for word in ("گفتگو اول", "گفتگو دوم", "۰۹۳۵ ۱۱۱ ۲۲۳۳", "پاسخ دوم", "محصول دوم"):
            assert having(lines, word), word

    def test_computes_nothing(self, session, login, manager, person, written):
        person.note = "=1+1"
        person.first_name, person.last_name = '=HYPERLINK("http://x")', None
        session.commit()

        job, lines = written(login(manager), person.id)

        assert having(lines, '=HYPERLINK("http://x")')
        assert b"<f>" not in storage().path(job.stored_name).read_bytes()

    def test_has_no_text_from_a_number_that_the_organisation_never_wrote_to(
        self, session, login, manager, organization, written
    ):
        customer = CustomerFactory(mobile=FORMER)
        answer(session, provider("خط"), FORMER, "پاسخ به سازمانی دیگر")
        session.commit()

        _job, lines = written(login(manager), customer.id)

        assert having(lines, "پاسخ به سازمانی دیگر") == []


class TestTheRecord:
    def test_is_an_event_of_the_customer_without_values(self, session, login, manager, person):
        login(manager).post(f"{URL}export", data={"_token": "1", "customer": person.id})

        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "export")).all()
        assert {(each.object_type, each.object_id) for each in event} >= {("Customer", person.id)}

    def test_a_form_sent_twice_makes_one_file(self, session, login, manager, person):
        browser = login(manager)
        for _ in range(2):
            browser.post(f"{URL}export", data={"_token": "1", "customer": person.id})

        assert session.scalar(select(func.count(ExportJob.id))) == 1

    def test_the_file_goes_when_the_customer_is_erased(self, session, login, manager, person, written):
        browser = login(manager)
        key = person.id
        job, _lines = written(browser, key)
        path = storage().path(job.stored_name)
        work = session.scalars(select(FollowUp).where(FollowUp.customer_id == key)).one()
        work.closed_at, work.status = now(), FollowUpStatus.WON
        session.commit()

        answer = browser.post(f"/customers/action/erase/{key}", data={"_step": "run", "digits": "0817"})

        assert answer.status_code == 302
        assert not path.exists()


class TestWhoMayNot:
    @pytest.mark.parametrize("role", ["Consultant", "SupportAgent"])
    def test_only_who_may_erase(self, session, login, organization, person, role):
        browser = login(member(role, organization, "some-one"))

        assert browser.get(f"{URL}?customer={person.id}").status_code == 403
        assert browser.post(f"{URL}export", data={"_token": "1", "customer": person.id}).status_code == 403
        assert session.scalar(select(func.count(ExportJob.id))) == 0

    @pytest.mark.parametrize(("right", "status"), [("can_export", 403), ("can_erase", 200)])
    def test_the_right_to_erase_is_needed_beside_that_of_the_page(
        self, session, login, organization, person, right, status
    ):
        pairs = [("can_list", "CustomerData"), ("can_show", "Customers"), (right, "Customers")]
        role = Role(name=f"all:{organization.id}:privacy")
        role.permissions = [appbuilder.sm.find_permission_view_menu(*pair) for pair in pairs]
        session.add(role)
        some_one = member("SupportAgent", organization, "privacy")
        some_one.roles = [role]
        session.commit()

        assert login(some_one).get(f"{URL}?customer={person.id}").status_code == status

    def test_a_manager_of_another_organisation_finds_nobody(
        self, session, login, stranger_organization, person
    ):
        browser = login(member("Manager", stranger_organization, "far-manager"))

        assert browser.get(f"{URL}?customer={person.id}").status_code == 404
        assert browser.post(f"{URL}export", data={"_token": "1", "customer": person.id}).status_code == 404

    def test_a_guest_logs_in(self, app, person):
        assert app.test_client().get(f"{URL}?customer={person.id}").status_code == 302

    def test_an_erased_customer_has_no_file(self, session, login, manager, person):
        session.get(Customer, person.id).erased_at = now()
        session.commit()

        assert login(manager).get(f"{URL}?customer={person.id}").status_code == 404

    def test_a_customer_that_is_erased_meanwhile_has_no_file(
        self, session, login, manager, organization, person, written
    ):
        browser = login(manager)
        browser.post(f"{URL}export", data={"_token": "1", "customer": person.id})
        session.get(Customer, person.id).erased_at = now()
        session.commit()
        job_id = session.scalars(select(ExportJob.id)).one()
        session.commit()

        run_export(job_id, organization.id)

        session.expire_all()
        job = session.get(ExportJob, job_id)
        assert (job.status, job.stored_name) == (JobStatus.FAILED, None)

    def test_a_key_that_is_none_is_not_found(self, login, manager, person):
        browser = login(manager)

        for wrong in ("x", "0", "-1", "9" * 30):
            assert browser.get(URL, query_string={"customer": wrong}).status_code == 404
            assert browser.post(f"{URL}export", data={"_token": "1", "customer": wrong}).status_code == 404
        assert browser.post(f"{URL}export", data={"_token": "1"}).status_code == 404

    def test_the_menu_leads_there_for_managers_alone(self, login, manager, consultant, person):
        url = f"{URL}?customer={person.id}"

        assert url in login(manager).get(f"/customers/show/{person.id}").text
        assert "خروجی داده‌های مشتری" in login(manager).get(url).text
        assert url not in login(consultant).get(f"/customers/show/{person.id}").text


def test_every_table_with_a_key_to_customers_is_in_the_file(app):
    in_file = {each.model for each in TABLES}
    keyed = {
        model
        for model in tenant_models()
        if any(key.target_fullname == "customers.id" for key in model.__table__.foreign_keys)
    }

    assert len(keyed) > 5
    assert [model.__name__ for model in keyed - in_file] == []
