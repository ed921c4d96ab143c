"""What the preview of an import says of whole files: reasons, repeats and limits of quantities."""

import re

import pytest

from tests.factories import ProductFactory
from tests.sales.test_import_view import guessed, send

HEAD = "موبایل,محصول,تاریخ"


@pytest.fixture(autouse=True)
def product(manager):
    return ProductFactory(title="کتاب کار", code="K-1")


def previewed(client, *lines):
    """The preview of a file with *lines*, its columns as they are guessed."""
    where = send(client, "\n".join(lines).encode()).location
    mapped = client.post(where.replace("/show/", "/columns/"), data=guessed(client.get(where).text))
    return client.get(mapped.location).text


def test_each_reason_is_counted_over_the_whole_file(login, manager):
    rows = ["ندارد,K-1,1405/06/01"] * 2 + ["09121112233,ندارد,1405/06/01"] * 3

    page = previewed(login(manager), HEAD, *rows)

    assert re.findall(r">([^<:]+): ([۱-۹])<", page) == [
        ("محصول ناشناخته", "۳"),
        ("شماره موبایل نامعتبر", "۲"),
    ]


def test_repeats_are_told_by_the_first_order_and_not_by_the_repeat_between(login, manager):
    rows = [f"09121112233,K-1,{day}" for day in ("1405/06/01", "1405/06/05", "1405/06/10")]

    page = previewed(login(manager), HEAD, *rows)

    assert re.findall(r'data-fate="(\w+)"', page) == ["new", "repeated", "repeated"]
    assert [days for days in re.findall(r"([۰-۹]+) روز", page) if days in "۴۵۹"] == ["۴", "۹"]


def test_a_quantity_is_ten_thousand_at_most(login, manager):
    rows = [f"0912111220{n},K-1,{count}" for n, count in enumerate(("10000", "10001", "10002", "0"))]

    page = previewed(login(manager), "موبایل,محصول,تعداد", *rows)

    assert re.findall(r'data-fate="(\w+)"', page) == ["new", "rejected", "rejected", "rejected"]


def test_a_text_that_is_cut_off_says_so(login, manager):
    ProductFactory(title="د" * 61, code="K-2")

    page = previewed(login(manager), HEAD, "09121112233,K-1,1405/06/01", "09121112244,K-2,1405/06/01")

    assert f">{'د' * 60}…<" in page
    assert ">کتاب کار<" in page
