"""Headings of real files, and what they mean."""

import pytest

from app.lib.tables.headers import guess_columns


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (
            ["شماره سفارش", "نام", "نام خانوادگی", "تلفن همراه", "نام محصول", "تاریخ سفارش"],
            ["reference", "first_name", "last_name", "mobile", "product", "ordered_at"],
        ),
        (["ردیف", "موبايل", "کالا"], [None, "mobile", "product"]),
        (["نام", "شماره تماس"], ["full_name", "mobile"]),
        (["نام مشتری", "شماره موبایل مشتری"], ["full_name", "mobile"]),
        (
            ["Customer Name", "Phone Number", "Product", "Order Date"],
            ["full_name", "mobile", "product", "ordered_at"],
        ),
        (["org_id", "علت رد", ""], [None, None, None]),
        (["موبایل", "موبایل دوم"], ["mobile", None]),
        (["تلفن ثابت", "تاریخ تولد", "کد ملی"], [None, None, None]),
        (["اسم", "فامیل", "تلفن تماس"], ["first_name", "last_name", "mobile"]),
        (["تاریخ", "تاریخ سفارش"], [None, "ordered_at"]),
    ],
)
def test_headings_are_understood(headers, fields):
    guessed = guess_columns(headers)

    by_column = {index: field for field, index in guessed.items()}
    assert [by_column.get(index) for index in range(len(headers))] == fields
