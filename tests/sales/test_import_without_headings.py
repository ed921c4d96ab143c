"""A file whose first row is a record: no lead is lost as a heading."""

from io import BytesIO
from uuid import uuid4

import pytest
import xlsxwriter
from sqlalchemy import select

from app.extensions import db
from app.tasks.imports import run_import_job
from models.customer import Customer
from models.job import ImportRejection
from models.tenancy.scope import Actor, acting_as
from tests.panel.imports.steps import upload
from tests.sales.import_steps import guessed

ROWS = [["سارا", "09350001101", "K-1"], ["امید", "9350001102", "K-1"], ["لیلا", "0935", "K-1"]]
CHOSEN = {"column-0": "full_name", "column-1": "mobile", "column-2": "product"}


def workbook():
    content = BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "گزارش آذر")
        for number, row in enumerate(ROWS):
            sheet.write_row(number + 2, 0, row)
    return content.getvalue()


def csv():
    return "\n".join(map(",".join, ROWS)).encode()


def sent(importer, data, name):
    form = {"file": (BytesIO(data), name), "client_token": str(uuid4())}
    return importer.post("/imports/add", data=form, content_type="multipart/form-data").location


@pytest.mark.parametrize(("data", "name"), [(csv(), "leads.csv"), (workbook(), "leads.xlsx")])
def test_each_row_is_accounted_for(importer, manager, data, name):
    url = sent(importer, data, name)
    page = importer.get(url).text
    key = int(url.rpartition("/")[2])
    importer.post(f"/imports/columns/{key}", data=CHOSEN)
    preview = importer.get(f"/imports/preview/{key}").text
    importer.post(f"/imports/run/{key}")
    run_import_job(key, manager.organization_id)

    assert "فایل سرستون ندارد" in page
    assert "ستون ۱" in page
    assert guessed(page) == {}
    assert 'data-pk="1" data-fate="new"' in preview
    with acting_as(db.session(), Actor(manager.organization_id)) as session:
        assert session.scalars(select(Customer.mobile).order_by(Customer.id)).all() == [
            "+989350001101",
            "+989350001102",
        ]
        assert session.scalars(select(ImportRejection.row_number)).all() == [3]


def test_columns_are_remembered_for_the_next_file(importer, manager):
    key = int(sent(importer, csv(), "leads.csv").rpartition("/")[2])
    importer.post(f"/imports/columns/{key}", data=CHOSEN)
    importer.post(f"/imports/run/{key}")

    page = importer.get(sent(importer, csv() + b"\n", "again.csv")).text

    assert guessed(page) == CHOSEN


def test_words_of_headings_in_a_record_are_no_headings(importer):
    data = "Kunde,Ruf,Ort\nسارا,09350001101,یزد\nنام گیرنده: امید,09350001102,آدرس: قم\n"

    page = importer.get(sent(importer, data.encode(), "leads.csv")).text

    assert "Kunde" in page
    assert "09350001101" in page


def test_a_section_counts_the_first_row_too(importer):
    url = upload(importer, csv(), slug="customers").location
    importer.post(f"{url}/columns", data={"column-0": "first_name", "column-1": "mobile"})

    preview = importer.get(f"{url}/preview").text

    assert "فایل سرستون ندارد" in importer.get(url).text
    numbers = [part.split('"')[0] for part in preview.split('<tr data-pk="')[1:]]
    assert numbers == ["1", "2", "3"]
