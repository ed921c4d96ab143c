"""F01, F02, F07: the files that people sent, through the service, the page and the command."""

import json
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.extensions import db
from app.services.imports.describe import describe
from app.services.imports.files import BadFile, write_rejections
from app.services.imports.jobs import queue_import, receive_file, summarize
from app.services.imports.outcomes import RowOutcome
from app.services.imports.preview import preview
from app.services.imports.run import run_import
from models.customer import Customer
from models.job import ImportJob, ImportRejection
from models.order import Order
from models.product import Product
from models.tenancy.scope import Actor, bind
from tests.factories import ProductFactory, organization_with

FOLDER = Path(__file__).parents[1] / "data" / "field-cases"
PRODUCTS = json.loads((FOLDER / "products.json").read_text("utf-8"))["products"]
# rows, accepted, rejected rows by reason
RIGHT = {
    "F01-quote-opens.csv": (6, 4, {"quotes": [2, 5]}),
    "F01-quote-backslash.csv": (2, 1, {"quotes": [1]}),
    "F01-space-before-quote.csv": (1, 1, {}),
    "F02-loose-comma-address.csv": (2, 1, {"width": [2]}),
    "F02-loose-comma-amount.csv": (2, 1, {"width": [1]}),
}


@pytest.fixture
def products(manager):
    for seeded in db.session.scalars(select(Product)):
        seeded.is_active = False  # one of them bears the title of a product of the files
    return [ProductFactory(code=code, title=title) for code, title in PRODUCTS.items()]


def upload(data: bytes, name: str) -> ImportJob:
    return receive_file(BytesIO(data), name=name, client_token=uuid4())


def take_in(name: str) -> ImportJob:
    job = upload((FOLDER / name).read_bytes(), name)
    queue_import(job, describe(job).mapping)
    for _step in run_import(job):
        db.session.commit()
    return job


@pytest.mark.parametrize("name", RIGHT)
def test_f01_f02_each_lead_is_accounted_for(products, name):
    told = summarize(take_in(name))

    rows, accepted, rejected = RIGHT[name]
    found = {reason: numbers for reason, numbers in told["rejected"].items() if numbers}
    assert (told["rows"], told["accepted"], found) == (rows, accepted, rejected)


def test_f01_no_lead_bears_the_values_of_another(products):
    take_in("F01-quote-opens.csv")

    people = db.session.execute(select(Customer.mobile, Customer.first_name, Customer.city)).all()
    assert sorted(people) == [
        ("+989350001101", "نگار", "شیراز"),
        ("+989350001103", "امید", "قم"),
        ("+989350001104", "کیان", "ساری"),
        ("+989350001106", "لیلا", "تبریز"),
    ]


def test_f01_a_name_behind_a_blank_is_whole(products):
    take_in("F01-space-before-quote.csv")

    assert db.session.scalars(select(Customer)).one().name == "نگار, صالحی"


def test_f02_no_amount_becomes_a_quantity(products):
    take_in("F02-loose-comma-amount.csv")

    assert db.session.scalars(select(Order.quantity)).all() == [1]


def test_f01_a_rejected_line_is_shown_as_it_came(products, tmp_path):
    job = take_in("F02-loose-comma-address.csv")
    line = (FOLDER / job.original_name).read_text("utf-8").splitlines()[2]

    write_rejections(job, tmp_path / "rejected.xlsx")

    _headings, row = CalamineWorkbook.from_path(tmp_path / "rejected.xlsx").get_sheet_by_index(0).to_python()
    assert row[0] == line
    assert db.session.scalars(select(ImportRejection.value)).all() == [line]


def test_f01_the_preview_rejects_what_the_import_rejects(products):
    job = upload((FOLDER / "F01-quote-opens.csv").read_bytes(), "F01-quote-opens.csv")

    rows = preview(job, describe(job).mapping).rows

    assert [row.number for row in rows if row.outcome is RowOutcome.REJECTED] == [2, 5]
    assert describe(job).headings[0].samples == ["09350001101", "09350001103", "09350001104"]


def test_f01_headings_that_can_not_be_read_are_refused_by_their_line(products):
    with pytest.raises(BadFile, match=r"1|۱"):
        upload('موبایل,"محصول,نام\n09350001101,P-101,نگار\n'.encode(), "orders.csv")


def test_f02_through_the_pages(session, login, manager, products):
    name = "F02-loose-comma-address.csv"
    browser = login(manager)
    sent = {"file": (BytesIO((FOLDER / name).read_bytes()), name), "client_token": str(uuid4())}
    assert browser.post("/imports/add", data=sent).status_code == 302
    bind(session, Actor(manager.organization_id))
    job = session.scalars(select(ImportJob)).one()
    mapping = {f"column-{column}": field for field, column in describe(job).mapping.items()}
    browser.post(f"/imports/columns/{job.id}", data=mapping)
    assert 'data-pk="2" data-fate="rejected"' in browser.get(f"/imports/preview/{job.id}").text
    bind(session, Actor(manager.organization_id))
    session.refresh(job)
    queue_import(job, job.mapping)
    for _step in run_import(job):
        session.commit()

    result = browser.get(f"/imports/show/{job.id}").text

    assert "خانه‌ها بیشتر از سرستون‌هاست" in result
    assert "بلوار طالقانی, کوچه ۵, پلاک ۹" in result


@pytest.mark.parametrize("name", RIGHT)
def test_f01_f02_by_the_command(app, session, name):
    organization_with("cases", **PRODUCTS)
    session.commit()

    command = ["import-orders", str(FOLDER / name), "--organization", "cases", "--json"]
    told = json.loads(app.test_cli_runner().invoke(args=command).stdout)

    rows, accepted, rejected = RIGHT[name]
    found = {reason: numbers for reason, numbers in told["rejected"].items() if numbers}
    assert (told["rows"], told["accepted"], found) == (rows, accepted, rejected)
