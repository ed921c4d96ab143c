"""Files with rows, sheets and headings that no program should write, and that people send all the same."""

import pytest

from app.lib.clock import now
from app.lib.tables.values.styles import NumberStyle, Styles
from app.services.imports.files import write_rejections
from app.services.imports.parse_row import RefusedRow, RowReader
from app.services.imports.products import load_products
from models.job import RejectReason
from tests.factories import ProductFactory
from tests.sales.import_steps import guessed, run, send, upload


@pytest.fixture
def product(manager):
    return ProductFactory(title="کتاب کار", code="K-1")


@pytest.fixture
def client(login, manager, product):
    return login(manager)


def test_samples_with_undecodable_bytes_are_shown(client, tmp_path):
    (path := tmp_path / "orders.csv").write_bytes(
        "موبایل,محصول,نام\n09121234567,K-1,سارا\n09121234568,K-1,".encode() + b"\xff\xfe\n"
    )

    page = client.get(send(client, path).location)

    assert page.status_code == 200
    assert "سارا" in page.text
    assert guessed(page.text) == {"column-0": "mobile", "column-1": "product", "column-2": "full_name"}


def test_a_number_of_a_spreadsheet_has_no_thousands(product):
    """The answer for the texts of the column does not turn 1.125 pieces into a thousand."""
    columns = {"mobile": 0, "product": 1, "quantity": 2}
    reader = RowReader(columns, load_products(), now(), Styles(numbers=NumberStyle.THOUSANDS))

    found = [reader.read(["09350001101", "K-1", cell]).quantity for cell in ("1.125", 2.0)]
    with pytest.raises(RefusedRow) as refusal:
        reader.read(["09350001101", "K-1", 1.125])

    assert found == [1125, 2]
    assert refusal.value.reason is RejectReason.QUANTITY


def test_the_rejected_rows_of_the_widest_file_can_be_sent_again(product, tmp_path):
    headings, row = [f"ستون {number}" for number in range(98)], ["x"] * 98
    lines = [["موبایل", "محصول", *headings], ["0935", "K-1", *row]]
    job = run(upload("\n".join(map(",".join, lines))))

    write_rejections(job, tmp_path / "rejected.xlsx")
    again = run(upload((tmp_path / "rejected.xlsx").read_bytes(), name="rejected.xlsx"))

    assert (again.total_rows, again.rejected) == (1, 1)
    assert again.headings == lines[0]
