"""A number or a name is erased from texts of others however it was typed, and nobody else's is."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.lib.spelling import Spelling
from models.audit.event import AuditEvent
from models.customer import Customer, CustomerPhone
from models.dossier import DossierContact
from models.job import ORDERS, ImportJob, ImportRejection, ImportStatus, RejectReason
from models.table_view import TableView
from models.task import Task
from tests.erasure.test_erase_customer import erase
from tests.factories import CustomerFactory, DossierFactory, TaskFactory

MOBILE, OTHER = "+989123450817", "+989123450818"
LABEL = "مشتری حذف‌شده"
TYPED = (
    "0912 345 0817",
    "0912-345-08-17",
    "0912 (345) 0817",
    "+98 912 345 0817",
    "+98 0912 345 0817",
    "0098 912 345 0817",
    "۰۹۱۲-۳۴۵-۰۸۱۷",
    "۰۹۱۲ ۳۴۵ ۰۸ ۱۷",
    "٠٩١٢٣٤٥٠٨١٧",
    "گل‌آرا شهنوازی",
    "گل آرا  شهنوازی",
    "شهنوازی گل‌آرا",
    "Golara@Example.ir",
)


@pytest.fixture
def person(session, manager):
    CustomerFactory(mobile=OTHER, first_name="گل‌آرا", last_name="شاهنوازی")
    row = CustomerFactory(
        mobile=MOBILE,
        first_name="گل‌آرا",
        last_name="شهنوازی",
        national_id="0499370899",
        email="golara@example.ir",
    )
    session.commit()
    return row


@pytest.mark.parametrize("typed", TYPED)
def test_a_task_of_others_names_them_no_more(session, login, manager, person, typed):
    key = TaskFactory(title=f"زنگ به {typed}، فوری").id
    foreign = TaskFactory(title="زنگ به 0912 345 0818 و گل‌آرا شاهنوازی").id
    session.commit()
    kept = session.execute(select(Task.title, Task.sort_key).where(Task.id == foreign)).one()

    assert erase(login(manager), person.id).status_code == 302

    session.expire_all()
    row = session.get_one(Task, key)
    assert row.title == f"زنگ به {LABEL}، فوری"
    assert {"search_key": row.search_key, "sort_key": row.sort_key} == row.search_keys()
    assert session.execute(select(Task.title, Task.sort_key).where(Task.id == foreign)).one() == kept


def test_a_national_id_is_erased_in_persian_digits(session, login, manager, person):
    key = TaskFactory(title="کد ۰۴۹۹۳۷۰۸۹۹ را بپرس").id
    session.commit()

    erase(login(manager), person.id)

    session.expire_all()
    assert session.get_one(Task, key).title == f"کد {LABEL} را بپرس"


@pytest.mark.parametrize("searched", ["گل‌آرا شهنوازی", "شهنوازی", "۰۹۱۲۳۴۵۰۸۱۷"])
def test_a_saved_view_searches_for_them_no_more(session, login, manager, person, searched):
    browser, key = login(manager), person.id
    for number, words in enumerate((searched, "گل‌آرا شاهنوازی")):
        address = browser.get("/customers/", query_string={"q": words}).request.query_string.decode()
        browser.post("/customers/views", data={"_query": address, "name": f"نما {number}"})
    before = session.scalars(select(TableView.query).order_by(TableView.id)).all()
    assert len(before) == 2

    erase(browser, key)

    session.expire_all()
    after = session.scalars(select(TableView.query).order_by(TableView.id)).all()
    # A surname alone is a word like another.
    assert (after[0] == before[0]) is (searched == "شهنوازی")
    assert after[1] == before[1]
    told = json.dumps([event.after for event in session.scalars(select(AuditEvent))], ensure_ascii=False)
    assert (before[0] in told) is (searched == "شهنوازی")
    assert before[1] in told


def test_a_rejected_row_of_a_file_names_them_no_more(session, login, manager, person):
    job = ImportJob(
        client_token=uuid4(),
        section=ORDERS,
        original_name="سرنخ‌ها.csv",
        stored_name="x",
        sha256="0" * 64,
        status=ImportStatus.DONE,
        total_rows=1,
    )
    session.add(job)
    session.flush()
    for number, cells in ((2, ["0912-345-0817", "گل آرا شهنوازي"]), (3, ["0912-345-0818", "x"])):
        session.add(
            ImportRejection(
                job_id=job.id, row_number=number, reason=RejectReason.DATE, value=cells[0], cells=cells
            )
        )
    session.commit()

    erase(login(manager), person.id)

    session.expire_all()
    found = session.scalars(select(ImportRejection).order_by(ImportRejection.row_number)).all()
    assert [(each.value, each.cells) for each in found] == [
        (LABEL, [LABEL, LABEL]),
        ("0912-345-0818", ["0912-345-0818", "x"]),
    ]


def test_a_contact_of_a_dossier_with_their_mobile_has_no_name_any_more(session, login, manager, person):
    session.add(CustomerPhone(customer_id=person.id, number="+989351112233", title="برادر"))
    firm = DossierFactory().id
    people = ((MOBILE, "خانم شهنوازی"), ("+989351112233", "برادرش"), (OTHER, "خانم شاهنوازی"))
    for mobile, name in people:
        session.add(DossierContact(dossier_id=firm, name=name, mobile=mobile, position="مالی"))
    session.commit()

    erase(login(manager), person.id)

    session.expire_all()
    found = session.scalars(select(DossierContact).order_by(DossierContact.id)).all()
    assert [(each.name, each.mobile) for each in found] == [
        (LABEL, None),
        ("برادرش", None),
        ("خانم شاهنوازی", OTHER),
    ]


@pytest.mark.parametrize(
    "text", ["912345081", "9123450818", "912,345,0817", "912a3450817", "6037912345081700", "09123450817۵"]
)
def test_another_number_is_left(text):
    assert not Spelling(MOBILE).is_in(text)


@pytest.mark.parametrize("text", ["علیرضا کریمی", "رضا کریمیان", "وحیدرضاکریمی", "reza@x.ir.example"])
def test_a_longer_name_is_left(text):
    assert not Spelling("رضا کریمی").is_in(text)
    assert not Spelling("reza@x.ir").is_in(f"a{text}")


@pytest.mark.parametrize(
    "text", ["«رضا کریمی»", "رضا کریمی‌ها", "به رضاکریمی:", "q=%D8%B1%D8%B6%D8%A7+کریمی&x=1"]
)
def test_a_name_between_other_signs_is_found(text):
    assert Spelling("رضا کریمی").is_in(text)


def test_a_customer_with_a_longer_name_is_found_as_before(session, login, manager):
    gone = CustomerFactory(mobile=MOBILE, first_name="رضا", last_name="کریمی").id
    other = CustomerFactory(mobile=OTHER, first_name="علیرضا", last_name="کریمی")
    task = TaskFactory(title="زنگ به علیرضا کریمی")
    session.commit()
    before, kept, key = other.search_keys(), task.title, task.id
    browser = login(manager)

    erase(browser, gone)

    session.expire_all()
    found = session.scalars(select(Customer).where(Customer.mobile == OTHER)).one()
    assert {name: getattr(found, name) for name in before} == before
    assert session.get_one(Task, key).title == kept
    assert f'data-pk="{found.id}"' in browser.get("/customers/", query_string={"q": "علیرضا کریمی"}).text
