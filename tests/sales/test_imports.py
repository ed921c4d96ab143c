"""Importing files of orders: the figures of real lead files, receiving, queueing, preview."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.gateways.storage import storage
from app.lib.clock import now
from app.services.imports.describe import describe
from app.services.imports.files import BadFile
from app.services.imports.jobs import AlreadyImported, MissingColumn, queue_import, summarize
from app.services.imports.outcomes import RowOutcome
from app.services.imports.preview import preview
from models.audit.event import AuditEvent
from models.customer import Customer
from models.job import ImportRejection, ImportStatus
from models.order import Order, OrderStatus
from models.product import Product
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, OrderFactory, member, organization_with
from tests.sales.import_steps import rows, run, upload

LEADS = Path(__file__).parents[1] / "data" / "leads"
TRUTH = json.loads((LEADS / "truth.json").read_text("utf-8"))


def stored_files() -> set[Path]:
    return {path for path in storage().path("").rglob("*") if path.is_file()}


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

        assert told.outcomes == {
            RowOutcome.NEW: 1,
            RowOutcome.KNOWN: 1,
            RowOutcome.REPEATED: 2,
            RowOutcome.REJECTED: 1,
        }
        assert [row.outcome for row in told.rows] == [
            RowOutcome.NEW,
            RowOutcome.KNOWN,
            RowOutcome.REPEATED,
            RowOutcome.REJECTED,
            RowOutcome.REPEATED,
        ]
        assert "۳" in told.rows[2].text

    def test_writes_nothing(self, product):
        job = upload(rows(30, product))

        told = preview(job, describe(job).mapping)

        assert (len(told.rows), told.outcomes.total()) == (20, 30)
        assert db.session.scalar(select(func.count(Customer.id))) == 0

    def test_agrees_with_what_the_import_does(self, session):
        organization = organization_with("leads", **TRUTH["products"])
        with acting_as(session, Actor(organization.id)):
            job = upload((LEADS / "shop-export.csv").read_bytes(), name="shop-export.csv")
            rejected = {
                row.number
                for row in preview(job, describe(job).mapping).rows
                if row.outcome is RowOutcome.REJECTED
            }
            run(job)

            numbers = select(ImportRejection.row_number).where(ImportRejection.row_number <= 20)
            assert rejected == set(session.scalars(numbers))


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
