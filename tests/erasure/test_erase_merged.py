"""Erasing reaches customers that were merged, files of imports and payments, and leaves what accounts need."""

from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from app.gateways.storage import storage
from app.lib.clock import now
from app.services.attachment.attach import Upload, attach
from models.attachment import Attachment
from models.customer import Customer
from models.follow_up import FollowUp, FollowUpStatus
from models.job import ORDERS, ImportJob, ImportRejection, ImportStatus, RejectReason
from models.order import Order
from models.sale import Sale
from models.transaction import PaymentMethod, Transaction
from tests.erasure.test_erase_customer import erase, naming
from tests.sales.merge_steps import furnished, merged

MOBILE, OTHER, THIRD = "+989123450817", "+989351112233", "+989199998877"


@pytest.fixture
def person(session, manager, consultant):
    return furnished(11, manager=manager, consultant=consultant, mobile=MOBILE)


def close_all(session):
    closed = {"status": FollowUpStatus.WON, "closed_at": now()}
    session.execute(update(FollowUp).values(closed))
    session.commit()


def test_merged_customers_are_erased_with_their_survivor(session, login, manager, consultant, person):
    second = furnished(22, manager=manager, consultant=consultant, mobile=OTHER)
    furnished(33, manager=manager, consultant=consultant, mobile=THIRD)
    merged(person, second)
    close_all(session)
    key, words = person.id, ("رضایی 11", "رضایی 22", "9123450817", "9351112233", "خیابان 22", "22.txt")
    assert len(naming(words)) > len(words)

    assert erase(login(manager), key).status_code == 302

    session.expire_all()
    assert naming(words) == []
    # A customer that was not merged stays as they were.
    assert naming(("رضایی 33",))
    assert naming(("9199998877",))
    assert session.scalars(select(Customer).where(Customer.mobile == THIRD)).one().erased_at is None


def test_amounts_and_numbers_of_payments_stay(session, login, manager, person):
    sale = session.scalars(select(Sale).where(Sale.customer_id == person.id)).one()
    paid = Transaction(
        sale_id=sale.id, method=PaymentMethod.CARD, amount=500, reference="778899", reason="از حساب برادرش"
    )
    session.add(paid)
    session.flush()
    attach(paid, [Upload("رسید.txt", BytesIO("رسید پرداخت".encode()))])
    close_all(session)
    key, sale_id = person.id, sale.id
    [receipt] = session.scalars(select(Attachment).where(Attachment.parent_type == "transactions"))
    path = storage().path(receipt.stored_name)
    assert path.exists()

    assert erase(login(manager), key).status_code == 302

    session.expire_all()
    row = session.scalars(select(Transaction).where(Transaction.sale_id == sale_id)).one()
    assert (row.amount, row.reference, row.method, row.reason) == (500, "778899", PaymentMethod.CARD, None)
    assert not path.exists()


def imported(session, text):
    """An ended import of orders with a file that has *text*."""
    stored = storage().save(BytesIO(text.encode()))
    job = ImportJob(
        client_token=uuid4(),
        section=ORDERS,
        original_name="سرنخ‌ها.csv",
        stored_name=stored.name,
        sha256=uuid4().hex * 2,
        status=ImportStatus.DONE,
        total_rows=1,
    )
    session.add(job)
    session.flush()
    return job


def test_the_file_of_an_import_goes_and_its_numbers_stay(session, login, manager, person):
    job, other = imported(session, f"{MOBILE},رضایی 11"), imported(session, "0912-345-0817")
    third = imported(session, "0912-345-0818")
    session.execute(update(Order).where(Order.customer_id == person.id).values(import_job_id=job.id))
    for each, number in ((other, "0912-345-0817"), (third, "0912-345-0818")):
        session.add(
            ImportRejection(
                job_id=each.id, row_number=2, reason=RejectReason.DATE, value="۱۲", cells=[number, "۱۲"]
            )
        )
    close_all(session)
    own, rejected_file, foreign = (storage().path(each.stored_name) for each in (job, other, third))
    key = person.id
    assert own.exists()
    assert rejected_file.exists()

    assert erase(login(manager), key).status_code == 302

    session.expire_all()
    assert not own.exists()
    assert not rejected_file.exists()
    assert foreign.exists()
    row = session.get(ImportJob, job.id)
    assert (row.original_name, row.total_rows, row.status) == ("سرنخ‌ها.csv", 1, ImportStatus.DONE)
    rejected = session.scalars(select(ImportRejection.cells).order_by(ImportRejection.job_id)).all()
    assert rejected == [["مشتری حذف‌شده", "۱۲"], ["0912-345-0818", "۱۲"]]
