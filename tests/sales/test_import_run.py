"""Running an import of orders, rejected rows, and undoing it."""

from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from app.extensions import db
from app.lib.clock import now
from app.services.imports.describe import describe
from app.services.imports.files import write_rejections
from app.services.imports.jobs import queue_import, summarize
from app.services.imports.run import run_import
from app.services.imports.undo import NothingToUndo, undo_import
from app.services.job.lease import LEASE, find_abandoned
from models.assignment import Assignment, AssignmentMethod
from models.customer import Address, Customer
from models.follow_up import FollowUp, FollowUpEntry
from models.job import ImportJob, ImportRejection, ImportStatus
from models.order import Order
from models.result_title import ResultTitle
from tests.factories import CustomerFactory, ProductFactory
from tests.sales.import_steps import HEADINGS, rows, run, upload


class TestRunning:
    def test_a_killed_worker_loses_and_doubles_nothing(self, session, product):
        job = upload(rows(10, product))
        queue_import(job, describe(job).mapping)
        steps = run_import(job, chunk=3)
        for _ in range(3):  # the claim and two chunks
            next(steps)
            session.commit()
        next(steps)
        session.rollback()  # killed before the third chunk was committed
        steps.close()
        assert (job.accepted, job.next_row) == (6, 7)
        job.lease_until = now() - timedelta(hours=1)
        session.commit()

        for _step in run_import(job, chunk=3):
            session.commit()

        assert (job.status, job.accepted, job.new_customers) == (ImportStatus.DONE, 10, 10)
        assert session.scalar(select(func.count(Order.id))) == 10

    def test_a_second_worker_finds_the_job_taken(self, session, product):
        job = upload(rows(3, product))
        queue_import(job, describe(job).mapping)
        next(run_import(job))

        assert list(run_import(job)) == []

    def test_a_worker_that_lost_its_lease_stops(self, session, product):
        job = upload(rows(6, product))
        queue_import(job, describe(job).mapping)
        steps = run_import(job, chunk=3)
        next(steps)
        next(steps)
        job.lease_until += LEASE  # another one took over
        session.flush()

        assert list(steps) == []
        assert job.accepted == 3

    def test_what_waits_or_was_left_is_found(self, session, product):
        waiting, left, running = (upload(rows(1, product, first=number)) for number in range(3))
        for job in (waiting, left, running):
            queue_import(job, describe(job).mapping)
        next(run_import(left))
        next(run_import(running))
        left.lease_until = now() - timedelta(hours=1)
        session.flush()

        found = {job_id for job_id, _organization_id in find_abandoned(ImportJob)}

        assert found == {waiting.id, left.id}

    def test_orders_are_dealt_when_asked_for(self, product, consultant, colleague):
        run(upload(rows(4, product)), assign=True)

        given = db.session.scalars(select(FollowUp.consultant_id)).all()
        methods = set(db.session.scalars(select(Assignment.method)))
        assert sorted(given) == sorted([consultant.id, colleague.id] * 2)
        assert methods == {AssignmentMethod.IMPORT}

    def test_repeats_are_held_and_not_dealt(self, product, consultant):
        job = run(
            upload(f"موبایل,محصول\n09120000000,{product.code}\n0912 000 0000,{product.code}\n"), assign=True
        )

        assert (job.accepted, job.repeated) == (2, 1)
        assert db.session.scalar(select(func.count(FollowUp.id))) == 1

    def test_a_row_without_a_date_arrived_now(self, product):
        run(upload(f"موبایل,محصول,تاریخ\n09120000000,{product.code},\n"))

        ordered_at = db.session.scalars(select(Order.ordered_at)).one()
        assert abs(now() - ordered_at) < timedelta(minutes=1)

    def test_only_active_products_are_known(self, product):
        product.is_active = False
        db.session.flush()

        job = run(upload(rows(1, product)))

        assert summarize(job)["rejected"]["product"] == [1]

    def test_a_title_that_two_products_share_names_neither(self, product):
        twin = ProductFactory(title=product.title)

        job = run(upload(f"موبایل,محصول\n09120000000,{product.title}\n09120000001,{twin.code}\n"))

        assert summarize(job)["rejected"]["product"] == [1]

    def test_neither_code_nor_title_of_a_deleted_product_is_known(self, product):
        gone = ProductFactory(deleted_at=now())

        names = enumerate((gone.code, gone.title, product.code))
        job = run(upload("موبایل,محصول\n" + "".join(f"0912000000{n},{name}\n" for n, name in names)))

        assert summarize(job)["rejected"]["product"] == [1, 2]
        assert db.session.scalars(select(Order.product_id)).all() == [product.id]

    def test_a_deleted_product_leaves_its_code_and_title_to_a_living_one(self, product):
        ProductFactory(code=product.code, title=product.title, deleted_at=now())

        names = enumerate((product.code, product.title))
        run(upload("موبایل,محصول\n" + "".join(f"0912000000{n},{name}\n" for n, name in names)))

        assert db.session.scalars(select(Order.product_id)).all() == [product.id] * 2

    def test_the_first_thing_that_is_wrong_is_to_blame(self, product):
        job = run(
            upload(f"{HEADINGS}ندارد,هیچ,دیروز,\n09120000000,هیچ,دیروز,\n09120000000,{product.code},دیروز,\n")
        )

        assert summarize(job)["rejected"] == {"mobile": [1], "product": [2], "date": [3]}

    def test_everything_a_row_says_is_kept(self, product):
        run(
            upload(
                "موبایل,محصول,نام,نام خانوادگی,استان,شهر,آدرس,کد پستی,ایمیل,تعداد,شماره سفارش,یادداشت\n"
                f"09120000000,{product.title},علی,رضایی,فارس,شیراز,خیابان یک,۱۲۳۴۵۶۷۸۹۰,a@example.ir,۳,A-1,عصر\n"
            )
        )

        order = db.session.scalars(select(Order)).one()
        address = db.session.scalars(select(Address).where(Address.customer_id == order.customer_id)).one()
        assert (order.quantity, order.reference, order.note) == (3, "A-1", "عصر")
        assert (order.customer.name, order.customer.email) == ("علی رضایی", "a@example.ir")
        assert (address.city, address.line, address.postal_code) == ("شیراز", "خیابان یک", "1234567890")


class TestRejectedRows:
    def test_come_back_mendable(self, product, tmp_path):
        job = run(upload(f"{HEADINGS}ندارد,{product.code},1405/01/01,=1+1\n"))
        write_rejections(job, tmp_path / "rejected.xlsx")

        headings, row = (
            CalamineWorkbook.from_path(tmp_path / "rejected.xlsx").get_sheet_by_index(0).to_python()
        )

        assert row[:4] == ["ندارد", product.code, "1405/01/01", "=1+1"]
        assert len(headings) == 5

    def test_can_be_imported_once_they_are_mended(self, product, tmp_path):
        job = run(upload(f"{HEADINGS}ندارد,{product.code},1405/01/01,علی\n"))
        db.session.scalars(select(ImportRejection)).one().cells = [
            "09120000000",
            product.code,
            "1405/01/01",
            "علی",
        ]
        db.session.flush()
        write_rejections(job, tmp_path / "mended.xlsx")

        mended = run(upload((tmp_path / "mended.xlsx").read_bytes(), name="mended.xlsx"))

        assert (mended.accepted, mended.rejected) == (1, 0)


class TestUndo:
    def test_takes_orders_follow_ups_and_customers_back(self, product, consultant):
        job = run(upload(rows(3, product)), assign=True)

        undone = undo_import(job)

        assert (undone.orders, undone.customers, undone.left) == (3, 3, 0)
        assert job.status is ImportStatus.UNDONE
        assert [db.session.scalar(select(func.count(model.id))) for model in (Order, Customer, FollowUp)] == [
            0,
            0,
            0,
        ]
        assert db.session.scalar(select(func.count(Assignment.id)).where(Assignment.ended_at.is_(None))) == 0

    def test_leaves_what_somebody_worked_on(self, product, consultant):
        job = run(upload(rows(2, product)), assign=True)
        follow_up = db.session.scalars(select(FollowUp).order_by(FollowUp.id)).first()
        title = db.session.scalars(select(ResultTitle)).first()
        db.session.add(FollowUpEntry(follow_up=follow_up, result_title=title, by_id=consultant.id))
        db.session.flush()

        undone = undo_import(job)

        assert (undone.orders, undone.left) == (1, 1)
        assert db.session.scalars(select(FollowUp)).all() == [follow_up]
        assert db.session.scalars(select(Customer.id)).all() == [follow_up.customer_id]

    def test_leaves_customers_who_were_there_before(self, product):
        CustomerFactory(mobile="09120000000", created_at=now() - timedelta(days=1))

        undone = undo_import(run(upload(rows(1, product))))

        assert (undone.orders, undone.customers) == (1, 0)

    def test_stops_an_import_that_still_runs(self, session, product):
        job = upload(rows(6, product))
        queue_import(job, describe(job).mapping)
        steps = run_import(job, chunk=3)
        next(steps)
        next(steps)

        undo_import(job)

        assert list(steps) == []
        assert session.scalar(select(func.count(Order.id))) == 0

    def test_makes_room_for_the_same_file_again(self, product):
        text = rows(2, product)
        undo_import(run(upload(text)))

        assert run(upload(text)).accepted == 2

    def test_happens_once(self, product):
        job = run(upload(rows(1, product)))
        undo_import(job)

        with pytest.raises(NothingToUndo):
            undo_import(job)
