"""Files with rows, sheets and headings that no program should write, and that people send all the same."""

import pytest

from tests.factories import ProductFactory
from tests.sales.import_steps import guessed, send


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
