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


# Headings as lead advertisements, shops and forms write them: each with its field.
_WRITTEN = [
    (
        "id= created_time=ordered_at ad_id= ad_name= campaign_name= form_name= platform= product=product full_name=full_name"
        " phone_number=mobile email=email city=city lead_status="
    ),
    (
        "mobile_number=mobile product_name=product first_name=first_name last_name=last_name postal_code=postal_code"
        " order_date=ordered_at order_number=reference qty=quantity"
    ),
    (
        "order_id=reference order_date=ordered_at order_status= billing_first_name=first_name billing_last_name=last_name"
        " billing_phone=mobile billing_email=email billing_city=city billing_state=province billing_postcode=postal_code"
        " billing_address_1=address item_name=product item_qty=quantity order_total= customer_note=note"
    ),
    "موبایل:=mobile محصول:=product نام:=first_name نام_خانوادگی:=last_name شهر:=city تاریخ:=ordered_at",
    "نام_و_نام_خانوادگی=full_name شماره_موبایل=mobile نام-محصول=product تاریخ_ثبت=ordered_at کد_پستی=postal_code",
    (
        "Name= Email=email Created_at=ordered_at Paid_at= Lineitem_quantity=quantity Lineitem_name=product"
        " Billing_Name=full_name Billing_Phone=mobile Billing_City=city Billing_Zip=postal_code Billing_Address1=address"
    ),
    (
        "Order_Number=reference Order_Status= Order_Date=ordered_at Phone_(Billing)=mobile Order_Total_Amount= Item_#="
        " Item_Name=product Quantity_(-_Refund)=quantity Item_Cost="
    ),
    "Item=product Phone=mobile",
    (
        "ردیف= شماره_سفارش=reference نام_گیرنده=full_name شماره_تماس_گیرنده=mobile نشانی_گیرنده=address"
        " نام_کالا=product تعداد_کالا=quantity شهر_گیرنده=city"
    ),
    "نام_خریدار=full_name نام_گیرنده= شهر_محل_سکونت=city محل_سکونت=",
    "firstName=first_name lastName=last_name phoneNumber=mobile productName=product createdAt=ordered_at orderId=reference",
    "first-name=first_name last-name=last_name mobile-no=mobile product-title=product order-date=ordered_at",
    "۱-نام=full_name ۲-شماره_تماس=mobile ۳-نام_دوره=product",
    "نام= نام_و_نام‌خانوادگی=full_name موبایل=mobile",
    "capacity= phone=mobile company_name= product=product",
    "وضعیت_سفارش= تاریخ_سفارش=ordered_at شماره_سفارش=reference موبایل_مشتری=mobile آدرس_مشتری=address کالا=product",
]


@pytest.mark.parametrize("spaced", [False, True])
@pytest.mark.parametrize("written", _WRITTEN)
def test_f03_headings_of_exports_are_understood(written, spaced):
    pairs = [each.rpartition("=") for each in written.split()]
    headers = [heading.replace("_", " ") if spaced else heading for heading, _sign, _field in pairs]

    by_column = {index: field for field, index in guess_columns(headers).items()}

    assert [by_column.get(index, "") for index in range(len(pairs))] == [field for *_heading, field in pairs]
