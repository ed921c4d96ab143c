"""Importing files of orders: the figures of real lead files, once each, whatever happens to the worker."""

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from app.extensions import db
from app.gateways.storage import storage
from app.lib.clock import now
from app.services.imports.files import BadFile, write_rejections
from app.services.imports.jobs import AlreadyImported, MissingColumn, queue_import, receive_file, summarize
from app.services.imports.preview import RowOutcome, describe, preview
from app.services.imports.run import run_import
from app.services.imports.undo import NothingToUndo, undo_import
from app.services.job.lease import LEASE, find_abandoned
from models.assignment import Assignment, AssignmentMethod
from models.audit.event import AuditEvent
from models.customer import Customer
from models.follow_up import FollowUp, FollowUpEntry
from models.job import ImportJob, ImportRejection, ImportStatus
from models.order import Order, OrderStatus
from models.product import Product
from models.result_title import ResultTitle
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, OrderFactory, ProductFactory, member, organization_with

LEADS = Path(__file__).parents[1] / "data" / "leads"
TRUTH = json.loads((LEADS / "truth.json").read_text("utf-8"))
HEADINGS = "موبایل,محصول,تاریخ,نام و نام خانوادگی\n"


def upload(text: str | bytes, *, name: str = "orders.csv", token=None) -> ImportJob:
    data = text.encode() if isinstance(text, str) else text
    return receive_file(BytesIO(data), name=name, client_token=token or uuid4())


def run(job: ImportJob, **options) -> ImportJob:
    queue_import(job, describe(job).mapping, **options)
    for _step in run_import(job):
        db.session.commit()
    return job


def rows(count: int, product: Product, *, first: int = 0) -> str:
    lines = [
        f"0912{number:07d},{product.code},1405/06/{number % 30 + 1},علی رضایی"
        for number in range(first, first + count)
    ]
    return HEADINGS + "\n".join(lines)


def stored_files() -> set[Path]:
    return {path for path in storage().path("").rglob("*") if path.is_file()}


@pytest.fixture
def product(manager) -> Product:
    return ProductFactory()


@pytest.mark.parametrize("name", [name for name in TRUTH if name.endswith(("csv", "xlsx"))])
def test_the_lead_files_give_the_figures_of_the_truth(session, name):
    organization = organization_with("leads", **TRUTH["products"])
    with acting_as(session, Actor(organization.id)):
        job = run(upload((LEADS / name).read_bytes(), name=name))

        assert summarize(job) == TRUTH[name]
        assert job.status is ImportStatus.DONE
        assert db.session.scalar(select(func.count(Customer.id))) == TRUTH[name]["customers"]
        assert db.session.scalar(select(func.count(Order.id))) == TRUTH[name]["accepted"]
        held = select(func.count(Order.id)).where(Order.status == OrderStatus.HELD)
        assert db.session.scalar(held) == TRUTH[name]["repeated"]


class TestReceiving:
    def test_the_same_form_sent_twice_is_one_job(self, product):
        token = uuid4()

        jobs = [upload(rows(1, product), token=token) for _ in range(2)]

        assert jobs[0] is jobs[1]

    def test_a_refused_file_leaves_no_bytes_behind(self, product):
        before = stored_files()

        with pytest.raises(BadFile, match="xlsx"):
            upload(b"%PDF-1.7", name="orders.pdf")

        assert stored_files() == before

    def test_columns_come_with_samples_and_a_guess(self, product):
        headings = describe(upload(rows(5, product))).headings

        assert [each.field for each in headings] == ["mobile", "product", "ordered_at", "full_name"]
        assert headings[0].samples == ["09120000000", "09120000001", "09120000002"]


class TestQueueing:
    @pytest.mark.parametrize(("missing", "field"), [("موبایل", "mobile"), ("محصول", "product")])
    def test_a_file_without_a_needed_column_is_refused_by_its_name(self, product, missing, field):
        job = upload(rows(1, product).replace(missing, "چیزی"))

        with pytest.raises(MissingColumn) as refusal:
            queue_import(job, describe(job).mapping)

        assert refusal.value.field == field

    def test_two_clicks_are_one_import(self, product):
        job = upload(rows(1, product))
        mapping = describe(job).mapping

        assert [queue_import(job, mapping) for _ in range(2)] == [True, False]

    def test_the_same_bytes_are_taken_in_once(self, product):
        text = rows(3, product)
        first = run(upload(text))
        second = upload(text)

        with pytest.raises(AlreadyImported):
            run(second)

        assert describe(second).earlier is first
        assert db.session.scalar(select(func.count(Order.id))) == 3

    def test_an_index_refuses_what_two_people_queue_at_once(self, session, product, monkeypatch):
        text = rows(1, product)
        run(upload(text))
        monkeypatch.setattr("app.services.imports.jobs.find_earlier", lambda job: None)

        with pytest.raises(AlreadyImported):
            run(upload(text))

    def test_another_organisation_may_import_the_same_bytes(self, session, product, stranger_organization):
        text = rows(1, product)
        run(upload(text))
        with acting_as(session, Actor(stranger_organization.id)):
            job = run(upload(text))

            assert job.status is ImportStatus.DONE

    def test_is_noted_in_the_trail(self, product, manager):
        job = upload(rows(1, product))
        queue_import(job, describe(job).mapping)

        db.session.commit()

        event = db.session.scalars(select(AuditEvent)).one()
        assert (event.action, event.actor_id, event.object_id) == ("import", manager.id, job.id)


class TestPreview:
    def test_tells_the_fate_of_each_row(self, product):
        known = CustomerFactory(mobile="09120000001")
        repeated = CustomerFactory(mobile="09120000002")
        OrderFactory(customer=repeated, product=product, ordered_at=now() - timedelta(days=3, hours=1))
        job = upload(
            "موبایل,محصول\n"
            + "\n".join(
                f"{mobile},{product.code}"
                for mobile in ("09120000000", known.mobile, repeated.mobile, "ندارد", "09120000000")
            )
        )

        told = preview(job, describe(job).mapping)

        assert [row.outcome for row in told] == [
            RowOutcome.NEW,
            RowOutcome.KNOWN,
            RowOutcome.REPEATED,
            RowOutcome.REJECTED,
            RowOutcome.REPEATED,
        ]
        assert "۳" in told[2].text

    def test_writes_nothing(self, product):
        job = upload(rows(30, product))

        told = preview(job, describe(job).mapping)

        assert len(told) == 20
        assert db.session.scalar(select(func.count(Customer.id))) == 0

    def test_agrees_with_what_the_import_does(self, session):
        organization = organization_with("leads", **TRUTH["products"])
        with acting_as(session, Actor(organization.id)):
            job = upload((LEADS / "shop-export.csv").read_bytes(), name="shop-export.csv")
            rejected = {
                row.number
                for row in preview(job, describe(job).mapping)
                if row.outcome is RowOutcome.REJECTED
            }
            run(job)

            numbers = select(ImportRejection.row_number).where(ImportRejection.row_number <= 20)
            assert rejected == set(session.scalars(numbers))


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
        address = order.customer.addresses[0]
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


def test_a_consultant_imports_into_the_whole_organisations_customers(session, product, organization):
    """The rule looks at everybody's rows even where the one who acts sees only his own."""
    CustomerFactory(mobile="09120000000")
    person = member("Consultant", organization, "importer")
    with acting_as(session, Actor(organization.id, person.id, own=True)):
        job = run(upload(rows(1, session.get(Product, product.id))))

        assert job.new_customers == 0


def test_the_store_never_leaves_its_folder(app):
    with pytest.raises(ValueError, match="outside"):
        storage().path("../../etc/passwd")
