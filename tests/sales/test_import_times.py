"""Times whose heading says that they are in UTC."""

from io import BytesIO

import pytest
import xlsxwriter
from sqlalchemy import select

from app.extensions import db
from app.lib.jalali import format_datetime
from app.lib.persian import latin_digits
from app.services.imports.describe import describe
from app.services.imports.preview import preview
from models.order import Order
from tests.factories import ProductFactory
from tests.sales.import_steps import run, upload


@pytest.fixture(autouse=True)
def product(manager):
    return ProductFactory(title="کتاب کار", code="K-1")


def moments():
    return [latin_digits(format_datetime(each)) for each in db.session.scalars(select(Order.ordered_at))]


@pytest.mark.parametrize(
    ("heading", "text", "moment"),
    [
        ("Order Date (UTC)", "2026-11-11 21:30:00", "1405/08/21 01:00"),
        ("date_created_gmt", "2026-11-11T21:30:00", "1405/08/21 01:00"),
        ("Order Date (UTC)", "2026-11-11 21:30 +03:30", "1405/08/20 21:30"),
        ("Order Date (UTC)", "2026-11-11", "1405/08/20 00:00"),
        ("Order Date", "2026-11-11 21:30:00", "1405/08/20 21:30"),
        ("Order Date (outcome)", "2026-11-11 21:30:00", "1405/08/20 21:30"),
    ],
)
def test_are_those_of_the_heading(heading, text, moment):
    job = run(upload(f"mobile,product,{heading}\n09350001101,K-1,{text}\n"))

    assert moments() == [moment]
    shown = preview(job, describe(job).mapping).rows[0].values["ordered_at"]
    assert moment.startswith(latin_digits(shown))


def test_so_are_cells_of_a_spreadsheet():
    content = BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["mobile", "product", "Order Date (UTC)"])
        for row, days in enumerate((46337.5, 46337), 1):
            sheet.write_row(row, 0, [f"093500011{row:02}", "K-1"])
            sheet.write_number(row, 2, days, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))

    run(upload(content.getvalue(), name="orders.xlsx"))

    assert moments() == ["1405/08/20 15:30", "1405/08/20 00:00"]
