"""The undo of an import leaves what people have done with its customers and follow-ups since."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from app.services.imports.describe import describe
from app.services.imports.jobs import queue_import
from app.services.imports.run import run_import
from app.services.imports.undo import undo_import
from models.customer import Customer
from models.follow_up import FollowUp
from models.tenancy.scope import actor_of
from tests.factories import CustomerFactory, ProductFactory, TaskFactory
from tests.sales.import_steps import HEADINGS, rows, run, upload
from tests.sales.merge_steps import merged
from tests.support.makers import make_message


@pytest.fixture
def product(manager):
    return ProductFactory(title="کتاب کار", code="K-1")


def mobiles():
    """The numbers of the file that still have a customer."""
    return set(db.session.scalars(select(Customer.mobile).where(Customer.mobile.like("+9891200005%"))))


def edit(customer):
    customer.note = "عصر زنگ بزنید"


def plan(customer):
    TaskFactory(customer_id=customer.id)


def send(customer):
    _message(customer_id=customer.id)


def _message(**of):
    message = make_message("متن", actor_of(db.session()).member_id, 1)
    message.customer_id = None
    for name, key in of.items():
        setattr(message, name, key)


@pytest.mark.parametrize("work", [edit, plan, send])
def test_a_customer_that_somebody_worked_on_stays(product, work):
    job = run(upload(rows(3, product, first=500)))
    worked_on, *_others = db.session.scalars(select(Customer).order_by(Customer.id)).all()
    work(worked_on)
    db.session.flush()

    undone = undo_import(job)

    assert (undone.orders, undone.customers) == (3, 2)
    assert mobiles() == {worked_on.mobile}


@pytest.mark.parametrize(
    "work", [lambda key: TaskFactory(follow_up_id=key), lambda key: _message(follow_up_id=key)]
)
def test_a_follow_up_with_a_task_or_a_message_stays(product, consultant, work):
    job = run(upload(rows(2, product, first=500)), assign=True)
    worked_on, _other = db.session.scalars(select(FollowUp).order_by(FollowUp.id)).all()
    work(worked_on.id)
    db.session.flush()

    undone = undo_import(job)

    assert (undone.orders, undone.left) == (1, 1)
    assert db.session.scalars(select(FollowUp.id)).all() == [worked_on.id]
    assert mobiles() == {worked_on.customer.mobile}


def test_a_deleted_task_is_no_work(product):
    job = run(upload(rows(1, product, first=500)))
    customer = db.session.scalars(select(Customer)).one()
    TaskFactory(customer_id=customer.id, deleted_at=now())

    assert undo_import(job).customers == 1


def test_a_customer_that_was_merged_with_one_added_by_hand_stays(product):
    job = run(upload(rows(2, product, first=500)))
    imported, _other = db.session.scalars(select(Customer).order_by(Customer.id)).all()
    merged(imported, CustomerFactory(mobile="+989350000001", note="عصر زنگ بزنید"))
    db.session.expire_all()

    undone = undo_import(job)

    assert (undone.orders, undone.customers) == (2, 1)
    assert db.session.scalars(select(Customer.note)).all() == ["عصر زنگ بزنید"]


def test_a_customer_whom_somebody_added_while_the_import_ran_stays(product):
    job = upload(rows(2, product, first=500))
    queue_import(job, describe(job).mapping)
    steps = run_import(job)
    next(steps)
    by_hand = CustomerFactory(mobile="+989120000501")
    db.session.flush()
    list(steps)

    undone = undo_import(job)

    assert (undone.orders, undone.customers) == (2, 1)
    assert mobiles() == {by_hand.mobile}


def test_a_customer_that_imports_have_filled_in_is_deleted(product):
    text = f"{HEADINGS[:-1]},شهر\n09120000500,K-1,1405/06/01,,\n09120000501,K-1,1405/06/01,,\n"
    job = upload(text + "09120000500,K-1,1405/01/01,سارا,یزد\n")
    queue_import(job, describe(job).mapping)
    for _step in run_import(job, chunk=1):
        db.session.commit()
    later = run(upload(f"{HEADINGS[:-1]},شهر\n09120000501,K-1,1405/01/01,امید,قم\n"))

    first = undo_import(later)
    second = undo_import(job)

    assert (first.customers, second.customers) == (0, 2)
    assert mobiles() == set()
