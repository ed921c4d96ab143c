"""Workbooks with several sheets: one that can't be read, and one without rows."""

from io import BytesIO

import pytest
import xlsxwriter

from app.tasks.imports import run_import_job
from tests.factories import ProductFactory, organization_with
from tests.sales.import_steps import send

ORDERS = [["موبایل", "محصول", "نام", "شهر"], ["09350001101", "K-1", "سارا", "یزد"]]
SHEETS = {
    "آذر": ORDERS,
    "دی": [["موبایل", "محصول", "نام"], ["09350001102", "K-1", "امید"], ["09350001103", "K-1", "لیلا"]],
    "بی‌ردیف": [["موبایل", "محصول"]],
    "دراز": [["موبایل", "محصول"], ["09350001104", "ک" * 5_001]],
}


@pytest.fixture(autouse=True)
def _unsent(monkeypatch):
    monkeypatch.setattr(run_import_job, "delay", lambda *_ids: None)


@pytest.fixture
def client(login, manager, session):
    ProductFactory(title="کتاب کار", code="K-1")
    session.commit()
    return login(manager)


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


def sent(client, path, sheet=None):
    """The key of an import that waits for its columns."""
    key = int(send(client, path).location.rpartition("/")[2])
    if sheet is not None:
        client.post(f"/imports/reading/{key}", data={"sheet": sheet})
    return key


@pytest.mark.parametrize(("sheet", "sentence"), [("دراز", "۵٬۰۰۰ نویسه"), ("بی‌ردیف", "ردیفی ندارد")])
def test_a_sheet_that_can_not_be_read_says_so_and_changes_nothing(client, path, sheet, sentence):
    key = sent(client, path)

    answer = client.post(f"/imports/reading/{key}", data={"sheet": sheet}, follow_redirects=True)

    assert answer.status_code == 200
    assert sentence in answer.text
    assert '<option value="آذر" selected>' in client.get(f"/imports/show/{key}").text


@pytest.mark.parametrize("sheet", ["دراز", "بی‌ردیف"])
def test_the_command_says_so_too(app, session, path, sheet):
    organization_with("cases", **{"K-1": "کتاب کار"})
    session.commit()

    told = app.test_cli_runner().invoke(
        args=["import-orders", str(path), "--organization", "cases", "--json", "--sheet", sheet]
    )

    assert (told.exit_code, told.stdout) == (1, "")
    assert "Error: " in told.stderr
