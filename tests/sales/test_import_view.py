"""The import's pages: from a file to its result."""

import json
import re
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from app.extensions import db
from app.services.imports.jobs import receive_file
from app.tasks.imports import run_import_job
from models.customer import Customer
from models.job import ImportJob, ImportStatus
from models.order import Order
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import CustomerFactory, ProductFactory, member, organization_with

LEADS = Path(__file__).parents[1] / "data" / "leads"
TRUTH = json.loads((LEADS / "truth.json").read_text("utf-8"))
TEXT = "موبایل,کالا,تاریخ\n09121234567,K-1,1405/06/01\nندارد,K-1,1405/06/01\n"


@pytest.fixture(autouse=True)
def inline(monkeypatch):
    """What would be sent to the worker, as (job, organisation)."""
    sent = []
    monkeypatch.setattr(run_import_job, "delay", lambda *ids: sent.append(ids))
    return sent


@pytest.fixture
def product(manager):
    return ProductFactory(title="کتاب کار", code="K-1")


@pytest.fixture
def job(product, session) -> ImportJob:
    job = receive_file(BytesIO(TEXT.encode()), name="orders.csv", client_token=uuid4())
    session.commit()
    return job


def send(client, data: bytes, *, name: str = "orders.csv", token=None):
    form = {"file": (BytesIO(data), name), "client_token": str(token or uuid4())}
    return client.post("/imports/add", data=form, content_type="multipart/form-data")


def columns(*fields: str) -> dict[str, str]:
    return {f"column-{index}": field for index, field in enumerate(fields)}


def guessed(page: str) -> dict[str, str]:
    """The form of the columns page as it came."""
    names = re.findall(r'name="(column-\d+)"', page)
    return {name: chosen for name in names if (chosen := selected(page, name))}


def selected(page: str, name: str) -> str:
    start = page.index(f'name="{name}"')
    options = page[start : page.index("</select>", start)]
    found = re.search(r'value="(\w+)" selected', options)
    return found[1] if found else ""


def last_job() -> ImportJob:
    return db.session.scalars(select(ImportJob).order_by(ImportJob.id.desc())).first()


@pytest.mark.parametrize("name", [name for name in TRUTH if name.endswith(("csv", "xlsx"))])
def test_the_lead_files_give_the_figures_of_the_truth_through_the_page(session, login, inline, name):
    organization = organization_with("leads", **TRUTH["products"])
    person = member("Manager", organization, "leads-manager")
    client = login(person)

    columns_url = send(client, (LEADS / name).read_bytes(), name=name).location
    guesses = guessed(client.get(columns_url).text)
    preview_url = client.post(columns_url.replace("show", "columns"), data=guesses).location
    assert client.get(preview_url).status_code == 200
    client.post(preview_url.replace("preview", "run"))
    run_import_job(*inline[0])

    result = client.get(columns_url).text
    bind(db.session(), Actor(organization.id, person.id))
    job = last_job()
    truth = TRUTH[name]
    assert (job.accepted, job.new_customers, job.repeated) == (
        truth["accepted"],
        truth["customers"],
        truth["repeated"],
    )
    assert job.rejected == sum(len(numbers) for numbers in truth["rejected"].values())
    assert "stat-number" in result


class TestTheFile:
    def test_leads_to_its_columns(self, login, manager, product):
        client = login(manager)

        answer = send(client, TEXT.encode())

        page = client.get(answer.location).text
        assert answer.status_code == 302
        assert selected(page, "column-0") == "mobile"
        assert "09121234567" in page

    def test_is_refused_beside_its_field(self, login, manager):
        answer = send(login(manager), b"%PDF", name="orders.pdf")

        assert answer.status_code == 422
        assert 'id="file-error"' in answer.text

    def test_is_asked_for(self, login, manager):
        answer = login(manager).post("/imports/add", data={"client_token": str(uuid4())})

        assert answer.status_code == 422

    def test_sent_twice_with_one_form_is_one_import(self, login, manager, session):
        client, token = login(manager), uuid4()

        locations = {send(client, TEXT.encode(), token=token).location for _ in range(2)}

        assert len(locations) == 1

    def test_that_was_imported_before_warns_and_adds_nothing(self, login, manager, job, inline):
        client = login(manager)
        client.post(f"/imports/columns/{job.id}", data=columns("mobile", "product"))
        client.post(f"/imports/run/{job.id}")
        again = send(client, TEXT.encode()).location
        client.post(again.replace("show", "columns"), data=columns("mobile", "product"))

        page = client.get(again).text
        answer = client.post(again.replace("show", "run"))

        assert 'data-level="warning"' in page
        assert answer.status_code == 302
        assert len(inline) == 1


class TestTheColumns:
    @pytest.mark.parametrize(
        "fields", [("", "product", ""), ("mobile", "", ""), ("mobile", "mobile", "product")]
    )
    def test_that_can_not_be_right_are_refused(self, login, manager, job, fields):
        answer = login(manager).post(f"/imports/columns/{job.id}", data=columns(*fields))

        assert answer.status_code == 422
        assert 'role="alert"' in answer.text

    def test_may_differ_from_the_guess(self, login, manager, job):
        client = login(manager)
        client.post(f"/imports/columns/{job.id}", data=columns("mobile", "product", "note"))

        page = client.get(f"/imports/show/{job.id}").text

        assert selected(page, "column-2") == "note"


class TestThePreview:
    def test_says_what_becomes_of_each_row(self, login, manager, job):
        client = login(manager)
        client.post(f"/imports/columns/{job.id}", data=columns("mobile", "product", "ordered_at"))

        page = client.get(f"/imports/preview/{job.id}").text

        assert re.findall(r'data-fate="(\w+)"', page) == ["new", "rejected"]
        assert db.session.scalar(select(func.count(Order.id))) == 0

    def test_offers_no_import_of_a_file_without_an_acceptable_row(self, login, manager, product):
        client = login(manager)
        head, refused = TEXT.splitlines()[0], "ندارد,K-1,1405/06/01"
        pages = []
        for rows in ((refused, refused), (refused, TEXT.splitlines()[1])):
            where = send(client, "\n".join([head, *rows]).encode()).location
            mapped = client.post(where.replace("/show/", "/columns/"), data=guessed(client.get(where).text))
            pages.append(client.get(mapped.location).text)

        assert ["/imports/run/" in page for page in pages] == [False, True]
        assert ["هیچ ردیفی از این فایل" in page for page in pages] == [True, False]

    def test_needs_the_columns_first(self, login, manager, job):
        assert login(manager).get(f"/imports/preview/{job.id}").location == f"/imports/show/{job.id}"


class TestTheRun:
    @pytest.fixture
    def client(self, login, manager, job):
        client = login(manager)
        client.post(f"/imports/columns/{job.id}", data=columns("mobile", "product", "ordered_at"))
        return client

    def test_is_sent_once_however_often_it_is_pressed(self, client, job, inline):
        for _ in range(2):
            client.post(f"/imports/run/{job.id}")

        assert inline == [(job.id, job.organization_id)]

    def test_shows_progress_until_it_is_through(self, client, job, organization, manager):
        client.post(f"/imports/run/{job.id}")
        under_way = client.get(f"/imports/progress/{job.id}", headers={"HX-Request": "true"})
        job_id = job.id
        run_import_job(job_id, organization.id)

        done = client.get(f"/imports/progress/{job_id}", headers={"HX-Request": "true"})

        assert "every 1s" in under_way.text
        assert "<progress" in under_way.text
        assert done.headers["HX-Redirect"] == f"/imports/show/{job_id}"

    def test_ends_with_the_rejected_rows_to_mend(self, client, job, organization, tmp_path):
        client.post(f"/imports/run/{job.id}")
        job_id = job.id
        run_import_job(job_id, organization.id)

        page, download = client.get(f"/imports/show/{job_id}"), client.get(f"/imports/rejected/{job_id}")

        (tmp_path / "rejected.xlsx").write_bytes(download.data)
        rows = CalamineWorkbook.from_path(tmp_path / "rejected.xlsx").get_sheet_by_index(0).to_python()
        assert "ندارد" in page.text
        assert download.headers["Content-Disposition"].startswith("attachment")
        assert rows[1][0] == "ندارد"

    @pytest.mark.parametrize(("form", "leads"), [({}, True), ({"assign": "y"}, False)])
    def test_leads_to_the_orders_without_a_consultant(
        self, client, job, organization, consultant, form, leads
    ):
        client.post(f"/imports/run/{job.id}", data=form)
        job_id = job.id
        run_import_job(job_id, organization.id)

        page = client.get(f"/imports/show/{job_id}").text

        assert ('href="/orders/?tab=waiting"' in page.partition("<main")[2]) is leads
        assert ("۱ سفارش منتظر انتساب" in page) is leads

    def test_can_be_taken_back(self, client, job, organization, manager):
        client.post(f"/imports/run/{job.id}")
        job_id, organization_id, manager_id = job.id, organization.id, manager.id
        run_import_job(job_id, organization_id)

        answer = client.post(f"/imports/take-back/{job_id}")

        bind(db.session(), Actor(organization_id, manager_id))
        assert answer.status_code == 302
        assert db.session.get_one(ImportJob, job_id).status is ImportStatus.UNDONE
        assert db.session.scalar(select(func.count(Order.id))) == 0
        assert db.session.scalar(select(func.count(Customer.id))) == 0


class TestTheList:
    def test_shows_the_imports_of_the_organisation(self, login, manager, job, session, stranger_organization):
        with acting_as(session, Actor(stranger_organization.id)):
            ProductFactory()
            foreign = receive_file(BytesIO(TEXT.encode()), name="foreign.csv", client_token=uuid4())
            session.flush()
            foreign_id = foreign.id
        session.commit()

        page = login(session.merge(manager)).get("/imports/").text

        assert "orders.csv" in page
        assert f'data-pk="{foreign_id}"' not in page

    def test_takes_the_same_statements_for_more_rows(self, login, manager, job, statements):
        client, counts = login(manager), []
        for size in (1, 20):
            for number in range(size):
                receive_file(BytesIO(f"{TEXT}{number}".encode()), name="x.csv", client_token=uuid4())
            db.session.commit()
            statements.clear()
            client.get("/imports/")
            counts.append(len(statements))

        assert counts[0] == counts[1] <= 12


def test_known_customers_keep_their_organisation(login, manager, job, inline, organization):
    """The same number in two organisations is two customers."""
    CustomerFactory(mobile="09121234567")
    db.session.commit()
    client = login(manager)
    client.post(f"/imports/columns/{job.id}", data=columns("mobile", "product"))

    assert re.findall(r'data-fate="(\w+)"', client.get(f"/imports/preview/{job.id}").text) == [
        "known",
        "rejected",
    ]
