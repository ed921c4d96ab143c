"""Workbooks with several sheets: one that can't be read, one without rows, and one after the other."""

import json
from io import BytesIO

import pytest
import xlsxwriter
from sqlalchemy import func, select

from app.extensions import db
from app.tasks.imports import run_import_job
from models.job import ImportJob
from models.order import Order
from models.tenancy.scope import Actor, acting_as
from tests.factories import organization_with
from tests.sales.import_steps import guessed, send

ORDERS = [["موبایل", "محصول", "نام", "شهر"], ["09350001101", "K-1", "سارا", "یزد"]]
SHEETS = {
    "آذر": ORDERS,
    "دی": [["موبایل", "محصول", "نام"], ["09350001102", "K-1", "امید"], ["09350001103", "K-1", "لیلا"]],
    "بی‌ردیف": [["موبایل", "محصول"]],
    "دراز": [["موبایل", "محصول"], ["09350001104", "ک" * 5_001]],
}


@pytest.fixture
def path(tmp_path):
    content = BytesIO()
    with xlsxwriter.Workbook(content) as book:
        for name, rows in SHEETS.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    (found := tmp_path / "orders.xlsx").write_bytes(content.getvalue())
    return found


def sent(importer, path, sheet=None):
    """The key of an import that waits for its columns."""
    key = int(send(importer, path).location.rpartition("/")[2])
    if sheet is not None:
        importer.post(f"/imports/reading/{key}", data={"sheet": sheet})
    return key


def imported(importer, manager, path, sheet=None):
    """The number of accepted rows; None where the import was refused."""
    key = sent(importer, path, sheet)
    importer.post(f"/imports/columns/{key}", data=guessed(importer.get(f"/imports/show/{key}").text))
    importer.post(f"/imports/run/{key}")
    run_import_job(key, manager.organization_id)
    with acting_as(db.session(), Actor(manager.organization_id)) as session:
        job = session.get_one(ImportJob, key)
        return job.accepted if job.finished_at else None


@pytest.mark.parametrize(("sheet", "sentence"), [("دراز", "۵٬۰۰۰ نویسه"), ("بی‌ردیف", "ردیفی ندارد")])
def test_a_sheet_that_can_not_be_read_says_so_and_changes_nothing(importer, path, sheet, sentence):
    key = sent(importer, path)

    answer = importer.post(f"/imports/reading/{key}", data={"sheet": sheet}, follow_redirects=True)

    assert answer.status_code == 200
    assert sentence in answer.text
    assert '<option value="آذر" selected>' in importer.get(f"/imports/show/{key}").text


@pytest.mark.parametrize("sheet", ["دراز", "بی‌ردیف"])
def test_the_command_says_so_too(app, session, path, sheet):
    organization_with("cases", **{"K-1": "کتاب کار"})
    session.commit()

    told = app.test_cli_runner().invoke(
        args=["import-orders", str(path), "--organization", "cases", "--json", "--sheet", sheet]
    )

    assert (told.exit_code, told.stdout) == (1, "")
    assert "Error: " in told.stderr


def test_each_sheet_is_imported_once(importer, manager, path):
    sheets = (None, "دی", "آذر", "دی", None)

    assert [imported(importer, manager, path, sheet) for sheet in sheets] == [1, 2, None, None, None]

    with acting_as(db.session(), Actor(manager.organization_id)) as session:
        assert session.scalar(select(func.count(Order.id))) == 3


def test_each_sheet_is_imported_once_by_the_command(app, session, path):
    organization_with("cases", **{"K-1": "کتاب کار"})
    session.commit()
    command = ["import-orders", str(path), "--organization", "cases", "--json"]

    told = [
        json.loads(app.test_cli_runner().invoke(args=[*command, *options]).stdout)["accepted"]
        for options in ([], ["--sheet", "دی"], ["--sheet", "آذر"], ["--sheet", "دی"])
    ]

    assert told == [1, 2, 0, 0]
